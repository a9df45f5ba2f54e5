"""`python -m docs.generate`: writes every page anew."""

from docs.generate.pages import PAGES

for path, write in PAGES.items():
    path.write_text(write(path.read_text(encoding="utf-8")), encoding="utf-8")
