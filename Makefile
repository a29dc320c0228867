# make weekly   evaluate the sample office (or your own: make weekly OFFICE=/path/to/office OUT=/path/to/out PERIOD=2025-W27)
# make monthly  roll weeks up:            make monthly PERIOD=2025-06 (quarterly 2025-Q2, halfyear 2025-H1, yearly 2025)
# make rollups  a year's months, quarters, half-years and itself at once:   make rollups PERIOD=2025
# make issue    write a week's forms:      make issue OFFICE=... OUT=... PERIOD=2025-W28
# make round    both half-yearly appraisals and salary increases of the sample bureau (or: make round OFFICE=... OUT=... PERIOD=2568-R1)
# make test     run the tests
# make crash    kill the program at every point, and 200 times at random; takes minutes
# make fuzz     feed the reader what nobody would send:   make fuzz SECONDS=1800   (Linux)
# make bench    what a week costs, as ratios measured in one run:   make bench SIZES="500 5000 20000"   (Linux; on an idle machine)
# make bench-year   what the roll-ups of a year cost:   make bench-year YEAR="500 52"   (people and weeks; minutes)
# make guides   take the pictures of the guides anew, when a form has changed (needs LibreOffice)
# make check    lint, types, import layers, tests

OFFICE ?= sample_input/vn-weekly
OUT ?= out
PERIOD ?=
PYTHON ?= python3
BIN := .venv/bin

# The sample's weeks lie in 2025; a fixed moment makes its outputs the same on every machine.
ifeq ($(OFFICE),sample_input/vn-weekly)
NOW := --now 2025-07-07T08:00
SAMPLE_monthly := 2025-06
SAMPLE_quarterly := 2025-Q2
SAMPLE_halfyear := 2025-H1
SAMPLE_yearly := 2025
SAMPLE_rollups := 2025
endif

# Without an OFFICE of its own, `make round` takes the sample bureau, and both of its rounds.
ifeq ($(origin OFFICE),file)
ROUNDS := $(or $(PERIOD),2568-R1 2568-R2)
BUREAU := --office sample_input/th-halfyear --now 2025-10-02T08:00
else
ROUNDS := "$(PERIOD)"
BUREAU := --office "$(OFFICE)"
endif

SECONDS ?= 60
SIZES ?= 100 400
YEAR ?= 500 52

# Compiled modules are kept even where the environment says otherwise: the tests start the program hundreds of times.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: weekly monthly quarterly halfyear yearly rollups issue round test crash bench bench-year check fuzz guides format clean

weekly: .venv/installed
	@$(BIN)/appraise run $(PERIOD) --office "$(OFFICE)" --out "$(OUT)" $(NOW)

# A longer period is rolled up from the weeks as the inbox now has them. The sample's default lies beside each target.
monthly quarterly halfyear yearly rollups: .venv/statistics
	@$(BIN)/appraise run --office "$(OFFICE)" --out "$(OUT)" $(NOW) > /dev/null
	@$(BIN)/appraise rollup $(or $(PERIOD),$(SAMPLE_$@)) $(and $(filter rollups,$@),--with-parts) --office "$(OFFICE)" --out "$(OUT)" $(NOW)

issue: .venv/installed
	@$(BIN)/appraise issue $(PERIOD) --office "$(OFFICE)" --out "$(OUT)" $(NOW)

round: .venv/installed
	@$(BIN)/appraise run $(PERIOD) $(BUREAU) --out "$(OUT)"
	@for round in $(ROUNDS); do \
		$(BIN)/appraise raises "$$round" --what-if $(BUREAU) --out "$(OUT)" && \
		$(BIN)/appraise raises "$$round" $(BUREAU) --out "$(OUT)" || exit; \
	done

test: .venv/developer
	@$(BIN)/python -m pytest -n auto --dist worksteal

crash: .venv/developer
	@$(BIN)/python -m pytest -s -m slow tests/test_crash.py

bench: .venv/developer
	@$(BIN)/python -m tests.benchmarks.speed $(SIZES)

bench-year: .venv/developer
	@$(BIN)/python -m tests.benchmarks.year $(YEAR)

check: .venv/developer
	$(BIN)/ruff format --check batch tests templates
	$(BIN)/ruff check batch tests templates
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto --dist worksteal

fuzz: .venv/fuzzer
	$(BIN)/python -m tests.fuzz.reader -max_total_time=$(SECONDS) -print_final_stats=1 $(FUZZ)

guides: .venv/developer
	$(BIN)/python templates/guides/pictures.py

format: .venv/developer
	$(BIN)/ruff check --fix batch tests templates
	$(BIN)/ruff format batch tests templates

clean:
	rm -rf .venv out

# One environment for both commands; the developers' tools are added only when they are needed.
.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with: make weekly PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv (once) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

# For the reports of months and longer; without it they show differences untested.
.venv/statistics: .venv/installed
	@echo "Adding the statistics library to .venv (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[statistics]' && touch $@ || \
		echo "It could not be installed: differences between reviewers will be shown untested."

.venv/developer: .venv/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

.venv/fuzzer: .venv/developer
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[fuzz]'
	@touch $@
