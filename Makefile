# Two commands do everything: `make demo` and `make test`. Each brings what it needs with it.

MAKEFLAGS += --no-print-directory
# Some images set it; then every process compiles Django and us anew, which takes longer than most of them work.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
TWO_WEEKS_AGO = $(shell date -u -d '14 days ago' +%Y-%m-%d 2>/dev/null || date -u -v-14d +%Y-%m-%d)
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.12 --exclude-newer $(TWO_WEEKS_AGO) \
       --generate-hashes --no-emit-index-url --no-header --custom-compile-command 'make lock'

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-reset test lint docs bench messages lock clean
.NOTPARALLEL:

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv with every package, pinned and hashed (in a second when it is there)
	@"$$(tools/find-python 3.9 || echo python3)" tools/setup.py

demo: setup ## start the demonstration and print its address (PORT=9000 chooses the port); Ctrl-C stops it
	@$(BIN)/moonbridge demo

demo-reset: setup ## forget all that the demonstration has stored, then start it afresh (YES=1: do not ask)
	@$(BIN)/moonbridge demo --afresh $(if $(YES),--yes)

test: setup lint docs ## run every check and every test
	@tools/chromium
	@tools/step "tests" $(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

lint: setup ## check style, types and the rules of the house
	@tools/step "style" $(BIN)/ruff check
	@tools/step "format" $(BIN)/ruff format --check
	@tools/step "types" $(BIN)/mypy
	@tools/step "layers" $(BIN)/lint-imports

docs: setup ## build the documentation into docs/_build/html; a warning is an error
	@tools/step "documentation" $(BIN)/sphinx-build --quiet -W --keep-going -b html docs docs/_build/html

bench: setup ## run every benchmark; each prints a ratio against a named rival
	@for each in benchmarks/*.py; do tools/step "$$each" $(BIN)/python "$$each" || exit 1; done

messages: setup ## collect the interface's messages, name the untranslated ones, compile them
	@MOONBRIDGE_MODE=test $(BIN)/python manage.py messages

lock: setup ## pin and hash the newest packages that are at least two weeks old, so that every mirror has them
	@for name in base dev uv; do \
	  tools/step "requirements/$$name.txt" $(LOCK) --upgrade requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done

clean: ## remove what was built; the demonstration's data stay (see demo-reset)
	rm -rf .venv build dist docs/_build .artifacts .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
