# What one does with the project, each by one word. Everything lands in .venv and var; nothing else is touched.
#
#   make run     serve it with demo data on 127.0.0.1:8000 (PORT=, SCALE=village|township|city)
#   make dev     the same with the debug pages and reloading
#   make test    the three tiers: SQLite, PostgreSQL, browser
#   make lint    style, types, layers, translations, migrations, deployment settings
#   make bench   the measurements of docs/performance.md (CHECK=1: exit 1 and name each goal that was missed)
#   make bench-large   those that are taken at ten times the logs too, and the search among a hundred times the people

PORT ?= 8000
SCALE ?= township
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEV_SETTINGS := DEBUG=True

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The name of a stamp holds the hash of its lock: with the environment up to date nothing asks the network.
lock_hash = $(shell sha256sum $(1) | cut -c1-16)
RUN_STAMP := $(VENV)/run-$(call lock_hash,requirements.lock)
DEV_STAMP := $(VENV)/dev-$(call lock_hash,requirements-dev.lock)
STATIC_STAMP := var/static/.collected

.PHONY: run dev test lint bench bench-large messages clean
.DEFAULT_GOAL := run

run: $(RUN_STAMP) .env $(STATIC_STAMP)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py demo --scale $(SCALE) --if-empty
	@$(BIN)/python manage.py nightly
	@echo
	@echo "义网 Yiwang: http://127.0.0.1:$(PORT)/   (Ctrl-C stops)"
	@$(BIN)/python manage.py work --beside-parent & \
		exec $(BIN)/gunicorn config.wsgi --worker-class gthread --workers 2 --threads 4 --bind 127.0.0.1:$(PORT) --log-level warning

dev: $(DEV_STAMP) .env
	@mkdir -p var
	@$(DEV_SETTINGS) $(BIN)/python manage.py migrate --verbosity 0
	@$(DEV_SETTINGS) $(BIN)/python manage.py demo --scale $(SCALE) --if-empty
	@$(DEV_SETTINGS) $(BIN)/python manage.py nightly
	@export $(DEV_SETTINGS); $(BIN)/python manage.py work --beside-parent & \
		exec $(BIN)/python manage.py runserver 127.0.0.1:$(PORT)

test: $(DEV_STAMP)
	@tests/run-tiers

lint: $(DEV_STAMP)
	@tests/run-lint

bench: $(DEV_STAMP)
	@$(BIN)/python -m bench.run $(if $(CHECK),--check)

bench-large: $(DEV_STAMP)
	@$(BIN)/python -m bench.run --tenfold $(if $(CHECK),--check)
	@$(BIN)/python -m bench.search $(if $(CHECK),--check)
	@$(BIN)/python -m bench.intake $(if $(CHECK),--check)

messages: $(DEV_STAMP)
	@$(DEV_SETTINGS) $(BIN)/python manage.py makemessages --all --no-location --no-obsolete \
		--ignore 'tests/*' --ignore 'bench/*' --ignore 'var/*'
	@$(DEV_SETTINGS) $(BIN)/python manage.py compilemessages --ignore $(VENV)

clean:
	rm -rf $(VENV) var/static .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# Debian's python3 has no ensurepip without python3-venv: the machine's pip installs into the environment instead.
$(BIN)/python:
	$(PYTHON) -m venv --without-pip $(VENV)

$(RUN_STAMP): | $(BIN)/python
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --require-hashes -r requirements.lock
	@rm -f $(VENV)/run-* && touch $@

$(DEV_STAMP): | $(BIN)/python
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --require-hashes -r requirements-dev.lock
	@rm -f $(VENV)/dev-* $(VENV)/run-* && touch $@ $(RUN_STAMP)

# One's own machine speaks no TLS on 127.0.0.1; docs/operations.md says what a server sets.
.env: | $(BIN)/python
	@umask 077 && printf 'SECRET_KEY=%s\nHTTPS=False\nALLOWED_HOSTS=127.0.0.1,localhost\n' \
		"$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')" > $@

$(STATIC_STAMP): $(RUN_STAMP) $(shell find static */static -type f 2>/dev/null) config/settings.py | .env
	@mkdir -p var
	@$(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@touch $@
