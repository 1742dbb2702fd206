"""Small trees that break one rule each: rule, files, a part of the sentence it must yield."""

from tests.house.rules import hooks, imports, layout, sizes
from tests.house.tree import Rule

Sample = tuple[Rule, dict[str, str], str]

LONG_FUNCTION = "def f() -> None:\n" + "    x = 1\n" * 40
A_HOOK = '@hookspec\ndef rung(bell: int) -> None:\n    """Ring."""\n'

SAMPLES: list[Sample] = [
    (imports.core_never_imports_plugins, {"core/a.py": "from plugins.x import y"}, "core/a.py:1 imports plugins.x.y"),
    (imports.core_never_imports_plugins, {"core/a/b.py": "import app"}, "imports app"),
    (
        imports.plugins_import_the_face_and_themselves,
        {"plugins/x/services.py": "from core.ledger import post"},
        "past the face of core",
    ),
    (
        imports.plugins_import_the_face_and_themselves,
        {"plugins/x/services.py": "import core.db"},
        "past the face of core",
    ),
    (
        imports.plugins_import_the_face_and_themselves,
        {"plugins/x/services.py": "from core.admin import View"},
        "past the face of core",
    ),
    (
        imports.plugins_import_the_face_and_themselves,
        {"plugins/x/hooks.py": "from plugins.y import services"},
        "imports plugins.y.services, which is not its own",
    ),
    (
        imports.plugins_import_the_face_and_themselves,
        {"plugins/x/hooks.py": "from ..y import services"},
        "imports plugins.y.services, which is not its own",
    ),
    (
        imports.plugins_import_the_face_and_themselves,
        {"core/__init__.py": "__all__ = ['Money']", "plugins/x/rules.py": "from core import ledger"},
        "imports ledger, which core does not offer",
    ),
    (
        imports.arrows_point_down,
        {"plugins/x/rules.py": "from plugins.x.models import A", "plugins/x/models.py": ""},
        "rules imports models",
    ),
    (
        imports.arrows_point_down,
        {"plugins/x/services/earn.py": "from .. import views", "plugins/x/views/list.py": ""},
        "services imports views",
    ),
    (
        imports.arrows_point_down,
        {"plugins/x/views.py": "from plugins.x.api import a", "plugins/x/api.py": ""},
        "views imports api",
    ),
    (
        imports.services_and_rules_know_no_web,
        {"plugins/x/services.py": "from flask_login import current_user"},
        "imports flask_login",
    ),
    (imports.rules_are_pure, {"plugins/x/rules/earn.py": "from sqlalchemy import select"}, "imports sqlalchemy.select"),
    (
        imports.manifest_reads_without_the_rest,
        {"plugins/x/__init__.py": "from . import hooks"},
        "imports plugins.x.hooks",
    ),
    (imports.one_importer_a_library, {"core/audit.py": "import cryptography.fernet"}, "only core/vault"),
    (
        imports.one_importer_a_library,
        {"plugins/x/views.py": "from flask_appbuilder import ModelView"},
        "flask_appbuilder",
    ),
    (
        imports.offline_verifier_needs_only_python,
        {"core/seal/verifier.py": "from core.types import Money"},
        "core.types",
    ),
    (layout.top_level_is_fixed, {"helpers/a.py": ""}, "helpers stands at the top level"),
    (layout.core_has_the_planned_rooms, {"core/utils.py": ""}, "core/utils is not on the floor plan"),
    (layout.plugins_have_the_same_rooms, {"plugins/x/utils.py": ""}, "plugins/x/utils is no room"),
    (layout.plugins_have_the_same_rooms, {"plugins/x/__init__.py": ""}, "plugins/x/README.md is missing"),
    (layout.plugin_files_carry_its_name, {"plugins/x/templates/page.html/a": ""}, "should stand in templates/x/"),
    (
        layout.manifest_names_its_folder,
        {"plugins/x/__init__.py": "MANIFEST = Manifest(name='y')"},
        "Manifest(name='x')",
    ),
    (layout.manifest_names_its_folder, {"plugins/x/__init__.py": ""}, "Manifest(name='x')"),
    (
        layout.tables_carry_the_owner,
        {"plugins/x/models.py": "class A:\n    __tablename__ = 'y_a'"},
        "'y_a' should be named x_",
    ),
    (
        layout.tables_carry_the_owner,
        {"core/models/a.py": "class A:\n    __tablename__ = 'mall'"},
        "should be named core_",
    ),
    (
        layout.lock_file_is_whole,
        {"pyproject.toml": "[project]\ndependencies = ['Flask>=3']", "requirements.lock": "flask-wtf==1 \\\n"},
        "requirements.lock lacks flask",
    ),
    (layout.lock_file_is_whole, {"requirements.lock": "--index-url https:/" + "/example.org"}, "names an address"),
    (sizes.files_are_short, {"core/a.py": "x = 1\n" * 251}, "has 251 lines"),
    (sizes.files_are_short, {"core/seal/verifier.py": "x = 1\n" * 301}, "has 301 lines"),
    (sizes.functions_are_short, {"core/a.py": LONG_FUNCTION}, "f has 41 lines"),
    (sizes.functions_are_short, {"core/a.py": "class A:\n" + LONG_FUNCTION.replace("def", " def")}, "f has 41 lines"),
    (sizes.most_functions_are_very_short, {"core/a.py": "def f() -> None:\n" + "    x = 1\n" * 11}, "has 12 lines"),
    (sizes.parameters_are_few_and_named, {"core/a.py": "def f(a, b, c): ..."}, "f takes 3 by position"),
    (
        sizes.parameters_are_few_and_named,
        {"core/a.py": "class A:\n    def f(self, a, b, c): ..."},
        "takes 3 by position",
    ),
    (sizes.parameters_are_few_and_named, {"core/a.py": "def f(a, *, b, c, d, e, g): ..."}, "f takes 6 parameters"),
    (hooks.hooks_are_documented, {"core/hookspecs.py": A_HOOK}, "does not document `rung(bell: int) -> None`"),
    (
        hooks.hooks_are_documented,
        {"core/hookspecs.py": A_HOOK, "core/README.md": "`rung(bell: str) -> None`"},
        "does not document `rung(bell: int) -> None`",
    ),
    (hooks.hooks_say_what_they_are, {"core/hookspecs.py": "@hookspec\ndef rung(bell): ..."}, "rung has no docstring"),
    (hooks.hooks_say_what_they_are, {"core/hookspecs.py": "@hookspec\ndef rung(bell): ..."}, "rung is not typed"),
    (
        hooks.hooks_are_tested,
        {"core/hookspecs.py": A_HOOK, "tests/core/test_a.py": "def test_hook_run(): ..."},
        "no test is named test_hook_rung",
    ),
    (
        hooks.hooks_are_used,
        {"core/hookspecs.py": A_HOOK, "plugins/x/hooks.py": "def rung(): ..."},
        "no plugin uses rung",
    ),
    (hooks.doorbells_are_short, {"plugins/x/hooks.py": LONG_FUNCTION}, "f has 41 lines"),
]
