"""FastAPI behind Mangum, with pydantic."""

from typing import Annotated, Literal

from fastapi import FastAPI, HTTPException
from items import read, store
from mangum import Mangum
from pydantic import BaseModel, Field

app = FastAPI()


class NewItem(BaseModel):
    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]
    severity: Literal["unknown", "minor", "moderate", "severe", "extreme"]
    title: Annotated[str, Field(max_length=200)] = ""


@app.get("/healthz")
async def health():
    return {"ok": True}


@app.get("/v1/reports/{item_id}")
async def read_one(item_id: str):
    if item := read(item_id):
        return item
    raise HTTPException(404)


@app.post("/v1/reports", status_code=201)
async def file_one(item: NewItem):
    return store(item.model_dump())


handler = Mangum(app, lifespan="off")
