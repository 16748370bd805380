# Each goal is a step that can be run alone and again; `make` prints this list.
PYTHON ?= python3.11
BIN := .venv/bin
STAMP := .venv/.installed
PEERS := .venv-peers/.installed

.DEFAULT_GOAL := help
.PHONY: help setup data train fast evaluate classify test lint bench notebooks report pictures commands audit reliability fuzz clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv with everything in it

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[train,notebooks,dev]'
	touch $@

data: $(STAMP) ## Codebook, checked splits, tables and picture of the data card
	$(BIN)/stance codebook > data/CODEBOOK.md
	$(BIN)/stance data check
	$(BIN)/stance data stats --card data/README.md --picture data/balance.png

train: $(STAMP) ## Data set, baseline, encoder, evaluation table, models/default
	$(BIN)/stance train --data data/sources --output models/default
	$(BIN)/stance evaluate --output models/evaluation.json --picture models/risk_coverage.png --card
	@echo "Trained. Next: $(BIN)/stance classify \"Let's keep talking.\""

evaluate: $(STAMP) ## The evaluation table of models/default
	$(BIN)/stance evaluate --output models/evaluation.json --picture models/risk_coverage.png --card

TEXT ?= Let's keep talking.
classify: $(STAMP) ## Tag a statement: make classify TEXT="..."
	$(BIN)/stance classify "$(TEXT)"

fast: $(STAMP) ## The small form that classify --fast uses, in models/default
	$(BIN)/stance distil --model models/default

bench: $(STAMP) $(PEERS) ## Speed, memory and cold start against other libraries (about an hour; leave the machine alone)
	$(BIN)/python benchmarks/throughput.py --peers .venv-peers/bin/python
	$(BIN)/python benchmarks/cold_start.py --peers .venv-peers/bin/python
	$(BIN)/python benchmarks/scaling.py --fast
	$(BIN)/python benchmarks/scaling.py --plan --page docs/scale.md
	$(BIN)/python benchmarks/report.py

$(PEERS): benchmarks/peers.txt constraints.txt
	test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt torch==2.13.0
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --requirement benchmarks/peers.txt --editable '.[train]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[ray]'
	touch $@

# Execution times and versions are left out of the files, so that a second run changes nothing.
notebooks: $(STAMP) ## Execute the notebooks in place
	$(BIN)/jupyter nbconvert --log-level WARN --to notebook --execute --inplace --ExecutePreprocessor.record_timing=False --ClearMetadataPreprocessor.enabled=True notebooks/*.ipynb

report: $(STAMP) ## The labelled quotations and restated statements as a page: models/report.html
	$(BIN)/stance report data/sources/quoted.jsonl data/sources/restated.jsonl --title "Labour disputes, quoted and restated" -o models/report.html

pictures: $(STAMP) ## The README's pictures, of held-out statements and the terminal (needs make train, chromium)
	$(BIN)/python docs/pictures.py

commands: $(STAMP) ## Every command and option, from --help: docs/cli.md
	$(BIN)/typer stance.cli utils docs --name stance --output docs/cli.md

audit: $(STAMP) ## Licences of all dependencies, docs/licences.md, and their known faults (needs the network)
	$(BIN)/pip-licenses --partial-match --fail-on 'AGPL;Affero' --ignore-packages stance --from mixed --format json | $(BIN)/python docs/licences.py
	$(BIN)/pip-audit --disable-pip --no-deps --requirement constraints.txt

lint: $(STAMP) ## Style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint ## Lint, then all tests with coverage of src/
	$(BIN)/python -m pytest --cov --cov-report=term

reliability: $(STAMP) ## What is promised and how often it was tried: docs/reliability.md (half an hour)
	$(BIN)/python -m pytest --reliability

fuzz: $(STAMP) ## Five more minutes of coverage-guided fuzzing of the readers
	$(BIN)/python tests/fuzz/atheris_run.py --seconds 300

clean: ## Remove what was built (not the data, not the models)
	rm -rf .venv .venv-peers build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
