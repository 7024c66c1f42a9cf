# Two commands: `make run` opens the dashboard on the sample, `make test` runs the whole suite.
# Both set up their own environment in .venv with locked versions; a second call starts at once.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# what reads or shows times, run once more where the clock is 5:45 ahead
# but no formulas, and none of what waits for servers or draws by lot
SERVERS := $(addprefix tests/collectors/test_,$(addsuffix .py,faults ids mastodon_servers nostr one_article))
TIMED := $(addprefix tests/analysis/test_,$(addsuffix .py,alerts border compare coverage crossings minutes questions reach real_charts removals series))
ELSEWHERE := tests/test_timing.py tests/test_ingest.py tests/test_cli.py tests/test_elsewhere.py $(TIMED) \
	$(filter-out %given_material.py,$(wildcard tests/collectors/formats/test_*.py)) $(filter-out $(SERVERS),$(wildcard tests/collectors/test_*.py))

.PHONY: run test test-slow bench check lock clean

run: .venv/ready-run
	@$(BIN)/spillover demo $(ARGS)

test: .venv/ready-dev check
	$(BIN)/pytest -n 2 -m "not slow" $(ARGS)
	TZ=Asia/Kathmandu $(BIN)/pytest -n 2 -q -m "not slow and not browser" $(ELSEWHERE)

test-slow: .venv/ready-dev
	$(BIN)/pytest -m slow $(ARGS)

bench: .venv/ready-bench
	$(BIN)/python -m tests.bench $(ARGS)

check: .venv/ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is missing: install it (Debian: apt-get install python3 python3-venv), then repeat"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is too old: install Python 3.11 or newer, or call make with PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "the venv module is missing: install it (Debian: apt-get install python3-venv), then repeat"; rm -rf .venv; exit 1; }
	@touch $@

# each stamp carries the locked versions that it was made with
.venv/ready-run: .venv/made requirements/run.txt pyproject.toml
	@echo "installing the locked versions (once; about 150 MB)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

.venv/ready-dev: .venv/ready-run requirements/dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

.venv/ready-bench: .venv/ready-dev requirements/bench.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

lock: .venv/ready-dev
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header pyproject.toml requirements/build.in -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header pyproject.toml requirements/build.in --group dev --group servers -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header pyproject.toml requirements/build.in --group dev --group servers --group bench -o requirements/bench.txt

clean:
	rm -rf .venv dist
