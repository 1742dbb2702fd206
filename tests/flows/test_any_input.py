"""Whatever a till may send by the description is answered as described, and never by a fault of ours."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.core.result import Ok

from tests.support.server import Server
from tests.support.town import Shop

EXAMPLES = 25


def test_whatever_fits_the_description(shop: Shop, server: Server) -> None:
    schema = schemathesis.openapi.from_dict(server.contract.document)
    headers = {"Authorization": f"Bearer {shop.keys['T01']}", "Accept-Language": "en"}
    address = f"http://127.0.0.1:{server.port}"
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(case=operation.as_strategy())
        def hold(case: Case) -> None:
            answer = case.call(base_url=address, headers=headers)
            assert answer.status_code < 500, answer.text
            mimetype = answer.headers["content-type"][0].partition(";")[0]
            path = case.operation.path if "{" in case.operation.path else case.operation.full_path
            server.contract.expect(case.method, path, status=answer.status_code, mimetype=mimetype, text=answer.text)

        hold()
