"""A body that breaks a rule of its schema is refused with 400, and one that keeps them all is not."""

import pytest

from trackfox_contract.cases.strategies import bytes_edited, from_the_document, one_field_changed
from trackfox_contract.cases.table import bodies, emails, fields, revenue
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.generation import explore
from trackfox_contract.engine.table import send_table


@pytest.mark.clause("field.required")
def test_a_required_field_cannot_be_left_out(check: Check) -> None:
    send_table(check, fields.required(check.builder))


@pytest.mark.clause("field.string")
def test_only_a_string_is_a_string(check: Check) -> None:
    send_table(check, fields.strings(check.builder))


@pytest.mark.clause("field.schema")
def test_a_field_keeps_its_schema(check: Check) -> None:
    send_table(check, fields.schema_rules(check.builder))


@pytest.mark.clause("revenue.positive-integer")
def test_revenue_is_a_positive_integer(check: Check) -> None:
    send_table(check, revenue.revenue(check.builder))


@pytest.mark.clause("email.valid")
def test_an_address_is_an_address(check: Check) -> None:
    send_table(check, emails.emails(check.builder))


@pytest.mark.clause("body.object")
def test_only_one_json_object_is_a_body(check: Check) -> None:
    send_table(check, bodies.bodies(check.builder))


@pytest.mark.clause("field.required", "field.string", "field.schema", "revenue.positive-integer", "email.valid")
@pytest.mark.generated
def test_any_change_of_one_field_is_judged_by_the_schema(check: Check) -> None:
    explore(check, one_field_changed(check.builder), "one field changed", check.pace.until(0.08))


@pytest.mark.clause("body.object")
@pytest.mark.generated
def test_any_edit_of_the_bytes_is_judged_by_what_they_say(check: Check) -> None:
    explore(check, bytes_edited(check.builder), "one edit of a valid body", check.pace.until(0.08))


@pytest.mark.clause("endpoint", "email.valid", "revenue.positive-integer")
@pytest.mark.parametrize("valid", [True, False], ids=["valid", "invalid"])
@pytest.mark.generated
def test_bodies_made_from_the_document(check: Check, valid: bool) -> None:  # noqa: FBT001 - a parameter of the test
    if not check.settings.budget.made:
        check.evidence.notes.append("Schemathesis made no bodies from the document: that takes a larger budget")
        return
    builder = check.free_builder if valid else check.builder
    bodies = from_the_document(check.settings.document, builder, valid=valid)
    explore(check, bodies, "a body made from the document", check.pace.until(0.08))
