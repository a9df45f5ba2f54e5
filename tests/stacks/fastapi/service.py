"""FastAPI with a pydantic model, as its documentation has it; uvicorn serves it."""

import json
import os
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, EmailStr, PositiveInt

MISTAKE = os.environ.get("MISTAKE")
WEBSITES = {one["website_id"]: one for one in json.loads(Path(os.environ["SHOPS"]).read_text())["websites"]}

app = FastAPI()
bearer = HTTPBearer(auto_error=False)


class Payment(BaseModel):
    model_config = ConfigDict(strict=MISTAKE != "lax")

    session_id: str
    visitor_id: str
    website_id: str
    revenue: PositiveInt
    email: EmailStr


if MISTAKE != "422":

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse({"error": "The body is invalid."}, 400)


@app.post("/api/v1/attribute-payment")
def attribute(
    payment: Payment, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> dict[str, str]:
    website = WEBSITES.get(payment.website_id)
    if credentials is None or website is None or credentials.credentials != website["api_token"]:
        raise HTTPException(401, "The API token is missing or invalid.")
    found = [
        (event["session_id"] == payment.session_id, event["visitor_id"] == payment.visitor_id)
        for event in website["sessions"]
    ]
    if not any(map(any if MISTAKE == "or" else all, found)):
        raise HTTPException(404, "No such event.")
    return {"message": "Payment event attributed successfully."}
