"""A rule that cannot fail holds nothing: each is shown a small tree that breaks it, and a good house."""

from pathlib import Path

import pytest

from tests.house import samples_code, samples_words
from tests.house.rules import RULES, screens
from tests.house.samples_code import Sample
from tests.house.tree import Rule, Tree
from tests.support import i18n

SAMPLES = [*samples_code.SAMPLES, *samples_words.SAMPLES]

GOOD = {
    "app.py": '"""The application."""\n',
    "core/__init__.py": '"""The face."""\n__all__ = ["Manifest", "Money", "_"]\n',
    "core/hookspecs.py": '"""Hooks."""\n@hookspec\ndef rung(bell: int) -> None:\n    """Ring."""\n',
    "core/README.md": "Call `rung(bell: int)\n-> None` when the bell rings.\n",
    "core/db.py": '"""Engines."""\nfrom sqlalchemy import text\nfrom flask_appbuilder import Model\ntext("select 1")\n',
    "core/clock.py": '"""The clock."""\nfrom datetime import datetime\nNOW = datetime.now\ndatetime.now()\n',
    "core/admin/base.py": '"""Bases."""\nclass Base(ModelView):\n    """Ours."""\n    search_columns: list[str] = []\n',
    "plugins/bells/__init__.py": '"""Bells."""\nfrom core import Manifest\nMANIFEST = Manifest(name="bells")\n',
    "plugins/bells/README.md": "Bells.\n",
    "plugins/bells/hooks.py": '"""Rings."""\nfrom . import services, views\n@hookimpl\ndef rung(bell): ...\n',
    "plugins/bells/services.py": '"""Verbs."""\nfrom core import _\nfrom .models import Bell\n_("Bells")\n',
    "plugins/bells/models.py": '"""Tables."""\nclass Bell:\n    """A bell."""\n    __tablename__ = "bells_bell"\n',
    "plugins/bells/views.py": '"""Screens."""\nfrom core.admin import Base\nclass Bells(Base):\n    """All bells."""\n'
    '    datamodel = SQLAInterface(Bell)\n    class_permission_name = "bells.bell"\n'
    + "".join(f'    {name} = ["id"]\n' for name in screens.COLUMNS if name != "search_columns"),
    "plugins/bells/templates/bells/a.html": '<h1 title="{{ _("Bells") }}">{% trans %}Bells{% endtrans %}</h1>\n',
    f"plugins/bells/{samples_words.PO}": samples_words.entry("Bells", "铃"),
    "tests/core/test_bells.py": "def test_hook_rung_rings() -> None:\n    assert True\n",
}


def build(root: Path, files: dict[str, str]) -> Tree:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return Tree(root)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample[0].__name__)
def test_the_rule_bites(tmp_path: Path, sample: Sample) -> None:
    rule, files, sentence = sample

    found = list(rule(build(tmp_path, files)))

    assert any(sentence in line for line in found), found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_has_a_sample_that_breaks_it(rule: Rule) -> None:
    assert rule in [sample[0] for sample in SAMPLES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_good_house_passes(tmp_path: Path, rule: Rule) -> None:
    build(tmp_path, GOOD)
    path = i18n.catalogue_of(tmp_path / "plugins" / "bells")
    path.with_suffix(".mo").write_bytes(i18n.compiled(i18n.read(path)))

    assert list(rule(Tree(tmp_path))) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_an_empty_house_passes(tmp_path: Path, rule: Rule) -> None:
    assert list(rule(Tree(tmp_path))) == []


def test_extraction_keeps_translations_and_drops_what_nobody_says(tmp_path: Path) -> None:
    files = samples_words.room(
        "_('Bells')\n_('New')", samples_words.entry("Bells", "铃") + samples_words.entry("Old", "旧")
    )
    build(tmp_path, files)
    room = tmp_path / "plugins" / "x"

    said = i18n.extract(room)

    catalogue = i18n.read(i18n.catalogue_of(room))
    assert {m.id: m.string for m in catalogue if m.id} == {"Bells": "铃", "New": ""}
    assert said == "x: 2 texts, 1 new, 1 unused removed"
    before = i18n.catalogue_of(room).read_bytes()
    i18n.extract(room)
    assert i18n.catalogue_of(room).read_bytes() == before
