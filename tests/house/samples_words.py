"""Small trees that break one rule each, continued: what sources, screens and catalogues may not say."""

from tests.house.rules import screens, texts, writing
from tests.house.samples_code import Sample

PO = "translations/zh/LC_MESSAGES/messages.po"
COLUMNS = "".join(f"    {name} = []\n" for name in screens.COLUMNS)
VIEW = "class Cards(ModelView):\n    datamodel = SQLAInterface(Card)\n"


def room(source: str, catalogue: str) -> dict[str, str]:
    """A plugin with one source and one catalogue."""
    return {"plugins/x/rules.py": source, f"plugins/x/{PO}": catalogue}


def entry(msgid: str, msgstr: str, comment: str = "") -> str:
    """One message of a catalogue."""
    return f'{comment}msgid "{msgid}"\nmsgstr "{msgstr}"\n\n'


SAMPLES: list[Sample] = [
    (writing.sql_stays_in_listed_files, {"core/a.py": "from sqlalchemy import text\ntext('select 1')"}, "uses text("),
    (writing.sql_stays_in_listed_files, {"plugins/x/services.py": "update(Lot.__table__)"}, "uses __table__"),
    (writing.sql_stays_in_listed_files, {"plugins/x/services.py": "session.connection()"}, "uses .connection("),
    (writing.sql_stays_in_listed_files, {"core/a.py": "c.exec_driver_sql('x')"}, "uses exec_driver_sql"),
    (writing.nothing_is_replaced, {"core/ledger/a.py": "'Insert  Or Replace into t'"}, "replaces rows"),
    (writing.nothing_is_replaced, {"core/ledger/a.py": "insert(t).prefix_with('OR REPLACE')"}, "replaces rows"),
    (writing.nothing_is_swallowed, {"core/a.py": "try:\n    f()\nexcept Exception:\n    pass"}, "catches everything"),
    (writing.nothing_is_swallowed, {"core/a.py": "try:\n    f()\nexcept:\n    pass"}, "catches everything"),
    (
        writing.nothing_is_swallowed,
        {"core/a.py": "try:\n    f()\nexcept (KeyError, BaseException):\n    pass"},
        "catches",
    ),
    (
        writing.nothing_is_swallowed,
        {"plugins/x/jobs.py": "with suppress(Exception):\n    f()"},
        "suppresses everything",
    ),
    (writing.only_commands_print, {"plugins/x/services.py": "print(1)"}, "prints"),
    (writing.one_clock, {"core/a.py": "from datetime import datetime\ndatetime.now()"}, "asks datetime.now"),
    (writing.one_clock, {"plugins/x/rules.py": "import datetime\ndatetime.date.today()"}, "asks datetime.date.today"),
    (writing.one_clock, {"core/a.py": "import time\ntime.time()"}, "asks time.time"),
    (writing.words_that_do_not_belong, {"docs/a.md": "see /" + "tmp/x"}, "docs/a.md:1: machine path"),
    (
        writing.words_that_do_not_belong,
        {"Makefile": "\nurl = files.python" + "hosted.org"},
        "Makefile:2: registry host",
    ),
    (writing.words_that_do_not_belong, {"core/a.py": "# TO" + "DO later"}, "unfinished mark"),
    (writing.public_things_are_documented, {"core/a.py": "x = 1"}, "core/a.py has no docstring"),
    (writing.public_things_are_documented, {"core/a.py": '"""A."""\ndef f(): ...'}, "f has no docstring"),
    (screens.views_name_their_columns, {"plugins/x/views.py": VIEW}, "Cards lacks list_columns, show_columns"),
    (
        screens.views_name_their_columns,
        {"core/admin/base.py": "class Base(ModelView): ...", "plugins/x/views.py": VIEW.replace("ModelView", "Base")},
        "Cards lacks list_columns",
    ),
    (
        screens.views_name_their_columns,
        {"plugins/x/views.py": VIEW + COLUMNS.replace("    order_columns = []\n", "")},
        "Cards lacks order_columns",
    ),
    (screens.views_name_their_permission, {"plugins/x/views.py": VIEW}, "class_permission_name None"),
    (
        screens.views_name_their_permission,
        {"plugins/x/views.py": VIEW + "    class_permission_name = 'y.card'\n"},
        "class_permission_name 'y.card'",
    ),
    (
        screens.apis_check_their_caller,
        {"plugins/x/api.py": "class Cards(ModelRestApi): ..."},
        "needs csrf_exempt = False",
    ),
    (screens.templates_are_clean, {"core/templates/a.html": "\n<p style='x'>"}, "a.html:2 holds inline style="),
    (screens.templates_are_clean, {"core/templates/a.html": '<a onclick="x()">'}, "holds inline onclick"),
    (screens.templates_are_clean, {"plugins/x/templates/x/a.html": "<script>x()</script>"}, "holds inline <script"),
    (screens.templates_are_clean, {"core/templates/a.html": "{{ name | safe }}"}, "holds inline | safe"),
    (
        screens.templates_speak_through_gettext,
        {"core/templates/a.html": "{% if a %}\n<p>Members</p>"},
        "a.html:2 says “Members”",
    ),
    (screens.templates_speak_through_gettext, {"core/templates/a.html": '<input placeholder="Name">'}, "says “Name”"),
    (texts.texts_are_translated, room("_('Members')", ""), "“Members” is not translated"),
    (texts.texts_are_translated, room("_('Members')", entry("Members", "")), "“Members” is not translated"),
    (texts.texts_are_translated, room("_('Members')", entry("Members", "会员", "#, fuzzy\n")), "is not translated"),
    (
        texts.texts_are_translated,
        {"plugins/x/hooks.py": "", "plugins/x/templates/x/a.html": "{{ _('Members') }}"},
        "“Members” is not translated",
    ),
    (texts.translations_say_the_same, room("", entry("%(n)s left", "剩 %(m)s")), "has other figures"),
    (texts.translations_say_the_same, room("", entry("There are members.", "There are members.")), "is no Chinese"),
    (texts.texts_are_english_in_the_source, room("_('会员')", ""), "should be English"),
    (texts.no_translation_is_left_over, room("", entry("Members", "会员")), "but nobody says it"),
    (texts.catalogues_are_compiled, room("", entry("Members", "会员")), "run `make i18n-compile`"),
    (
        texts.rooms_agree_on_words,
        {"core/a.py": "", f"core/{PO}": entry("Members", "会员"), **room("", entry("Members", "成员"))},
        "“Members” is “成员”, but “会员” in core",
    ),
    (texts.rooms_agree_on_words, room("", entry("Save", "储存")), "in Flask-AppBuilder"),
]
