"""Settings: what a fresh machine gets, and everything that is refused because it is not safe, each with its cure."""

import os
from pathlib import Path

import pytest

from core.config import Config
from core.errors import UnsafeSetting

GOOD_KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978"


def refusal(**environ: str) -> str:
    """The sentence with which these settings are refused."""
    with pytest.raises(UnsafeSetting) as refused:
        Config.load({f"ATRIUM_{name}": value for name, value in environ.items()})
    return refused.value.text.into("en")


def test_nothing_needs_to_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = Config.load({})

    assert config.home == tmp_path / "instance"
    assert config.database_url == f"sqlite:///{tmp_path}/instance/atrium.sqlite"
    assert (config.host, config.port, config.web_processes) == ("127.0.0.1", 8000, 3)
    assert config.debug is False
    assert config.secret_key is None
    assert "SECRET_KEY" not in config.to_flask()
    assert not (tmp_path / "instance").exists()


def test_files_are_made_for_us_alone(tmp_path: Path) -> None:
    config = Config.load({"ATRIUM_HOME": str(tmp_path / "new" / "home")})
    config.prepare()
    config.prepare()

    assert config.sqlite_path == tmp_path / "new" / "home" / "atrium.sqlite"
    assert config.home.stat().st_mode & 0o777 == 0o700
    assert config.sqlite_path.stat().st_mode & 0o777 == 0o600


def test_values_are_read_as_flask_reads_them(tmp_path: Path) -> None:
    config = Config.load(
        {
            "ATRIUM_HOME": str(tmp_path),
            "ATRIUM_PORT": "9000",
            "ATRIUM_TRUSTED_HOSTS": "mall.example.org, www.example.org",
            "ATRIUM_TRUSTED_PROXIES": '["10.0.0.0/24"]',
            "ATRIUM_QUEUE_URL": "redis://queue.example.org/0",
            "ATRIUM_SESSION_HOURS": "8",
            "ATRIUM_TEST_DATABASE_URL": "for tests only",
            "PORT": "1",
        }
    )

    assert config.port == 9000
    assert config.trusted_hosts == ("mall.example.org", "www.example.org")
    assert config.trusted_proxies == ("10.0.0.0/24",)
    assert config.queue_url == "redis://queue.example.org/0"
    assert config.to_flask()["SESSION_HOURS"] == 8
    assert config.to_flask()["TRUSTED_HOSTS"] == ["mall.example.org", "www.example.org"]
    assert "TEST_DATABASE_URL" not in config.to_flask()


def test_cookies_demand_https_behind_a_proxy(tmp_path: Path) -> None:
    alone = Config.load({"ATRIUM_HOME": str(tmp_path)}).to_flask()
    proxied = Config.load({"ATRIUM_HOME": str(tmp_path), "ATRIUM_TRUSTED_PROXIES": "10.0.0.2"}).to_flask()

    assert (alone["ATRIUM_PLAIN_HTTP"], alone["SESSION_COOKIE_SECURE"]) == (True, False)
    assert (proxied["ATRIUM_PLAIN_HTTP"], proxied["SESSION_COOKIE_SECURE"]) == (False, True)
    assert alone["WTF_CSRF_ENABLED"] is proxied["WTF_CSRF_ENABLED"] is True


@pytest.mark.parametrize(
    "key", ["short", "x" * 64, r"\2\1thisismyscretkey\1\2\e\y\y\h", "CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET"]
)
def test_a_known_or_short_key_is_refused(key: str) -> None:
    assert "token_hex" in refusal(SECRET_KEY=key)


def test_a_long_random_key_is_taken(tmp_path: Path) -> None:
    config = Config.load({"ATRIUM_HOME": str(tmp_path), "ATRIUM_SECRET_KEY": GOOD_KEY})

    assert config.to_flask()["SECRET_KEY"] == GOOD_KEY
    assert GOOD_KEY not in repr(config)


@pytest.mark.parametrize(
    ("settings", "cure"),
    [
        ({"DEBUG": "true", "HOST": "192.0.2.1"}, "Unset ATRIUM_DEBUG"),
        ({"HOST": "192.0.2.1"}, "behind a proxy"),
        ({"HOST": "192.0.2.1", "PLAIN_HTTP": "1", "TRUSTED_PROXIES": "10.0.0.2"}, "behind a proxy"),
        ({"TRUSTED_HOSTS": "*"}, "ATRIUM_TRUSTED_HOSTS="),
        ({"TRUSTED_HOSTS": "[]"}, "ATRIUM_TRUSTED_HOSTS="),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "the proxy's own address"),
        ({"TRUSTED_PROXIES": "everybody"}, "addresses or networks"),
        ({"WTF_CSRF_ENABLED": "false"}, "Unset it"),
        ({"WTF_CSRF_CHECK_DEFAULT": "0"}, "Unset it"),
        ({"SESSION_COOKIE_SECURE": "false"}, "Unset it"),
        ({"SESSION_COOKIE_HTTPONLY": "False"}, "Unset it"),
        ({"AUTH_RATE_LIMITED": "no"}, "Unset it"),
        ({"RATELIMIT_ENABLED": "false"}, "Unset it"),
        ({"FAB_ADD_SECURITY_API": "true"}, "Unset it"),
        ({"FAB_API_SHOW_STACKTRACE": "true"}, "Unset it"),
        ({"FAB_ALLOW_GET_UNSAFE_MUTATIONS": "yes"}, "Unset it"),
        ({"FAB_PASSWORD_COMPLEXITY_ENABLED": "false"}, "Unset it"),
        ({"TESTING": "true"}, "Unset it"),
        ({"DATABASE_URL": "mysql://db/atrium"}, "SQLite or PostgreSQL"),
        ({"DATABASE_URL": "nonsense"}, "SQLite or PostgreSQL"),
        ({"DATABASE_URL": "sqlite://"}, "must name a file"),
        ({"PORT": "70000"}, "from 1 to 65535"),
        ({"WEB_PROCESSES": "many"}, "from 1 to 64"),
    ],
)
def test_unsafe_settings_are_refused_with_their_cure(settings: dict[str, str], cure: str) -> None:
    assert cure in refusal(**settings)


def test_a_home_that_others_can_read_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)

    assert refusal(HOME=str(home)) == f"Others can read {home}. Run: chmod go= {home}"

    home.chmod(0o700)
    assert Config.load({"ATRIUM_HOME": str(home)}).home == home


@pytest.mark.parametrize("name", ["atrium.sqlite", "atrium.sqlite-wal"])
def test_a_database_that_others_can_read_is_refused(tmp_path: Path, name: str) -> None:
    Config.load({"ATRIUM_HOME": str(tmp_path)}).prepare()
    (tmp_path / name).touch()
    os.chmod(tmp_path / name, 0o640)

    assert name in refusal(HOME=str(tmp_path))
