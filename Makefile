# What one does with the stack. Docker Compose where an engine answers, otherwise processes on loopback; ENGINE=docker or ENGINE=local
# decides for you. Settings come from the environment or .env (see .env.example), or from the command line: make up HTTP_PORT=8081
.DEFAULT_GOAL := help
.PHONY: help up down reset scale upgrade doctor status pause resume drain destinations backup restore logs demo loadtest dead redrive purge cancel archive find erase bench bench-ingest test test-crash test-compose lint format clean

ENGINE ?= $(shell scripts/engine.sh)
STACK = scripts/$(ENGINE)-stack.sh
ARGS ?=
JEST_ARGS ?=
JEST = node_modules/.bin/jest $(JEST_ARGS)
export ARGS

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## Start the stack and wait until it is ready; the base URL is the last line
	@$(STACK) up

down: ## Stop the stack; what is queued is kept
	@$(STACK) down

reset: ## Stop the stack and delete what it kept: the queue, the password, the images
	@$(STACK) reset

scale: ## Change the number of replicas: make scale INGEST_REPLICAS=2 DELIVERY_REPLICAS=3
	@$(STACK) scale

upgrade: ## Replace the replicas one by one with what is checked out; nothing is refused or lost
	@$(STACK) upgrade

doctor: ## Say what is wrong and what to do next; exit code 1 when somebody should look
	@$(STACK) operate doctor $(ARGS)

status: ## Show everything on one screen: rates, books, backlog, workers, destinations
	@$(STACK) operate status $(ARGS)

pause: ## Stop delivering; what is accepted waits: make pause, or only to one: make pause ARGS="--destination https://partner.example"
	@$(STACK) operate pause $(ARGS)

resume: ## Deliver again, and take requests again after a drain
	@$(STACK) operate resume $(ARGS)

drain: ## Take no request any more and deliver what waits; make resume ends it
	@$(STACK) operate drain $(ARGS)

destinations: ## List the destinations that are paused, held or broken, and what is parked for each
	@$(STACK) operate destinations $(ARGS)

backup: ## Write a snapshot of the queue: make backup FILE=queue.rdb
	@$(STACK) backup $(FILE)

restore: ## Put a snapshot in place of the queue, and start paused: make restore FILE=queue.rdb
	@$(STACK) restore $(FILE)

logs: ## Follow the logs of all services
	@$(STACK) logs

demo: ## Start the stack, send the sample, show what arrives, then a short load test
	@scripts/demo.sh $(STACK)

loadtest: ## Send load through nginx and prove that nothing is lost: make loadtest ARGS="--requests 5000 --data 4"
	@$(STACK) demo-up && $(STACK) loadtest $(ARGS)

dead: ## List dead letters, or show one: make dead ARGS="--host partner.example --from 2h"
	@$(STACK) operate dead $(ARGS)

redrive: ## Send dead letters again: make redrive ARGS="--reason attempts-exhausted --from 2h --per-second 50"
	@$(STACK) operate redrive $(ARGS)

purge: ## Remove dead letters for good: make purge ARGS="--reason rejected --to 7d"
	@$(STACK) operate purge $(ARGS)

cancel: ## Cancel what waits: make cancel ARGS="--destination https://partner.example"
	@$(STACK) operate cancel $(ARGS)

archive: ## List the archive of trimmed dead letters, or bring a file back: make archive ARGS="--import FILE"
	@$(STACK) operate archive $(ARGS)

find: ## Say where a postback is and what became of it: make find ARGS="--reference 'order 7'"
	@$(STACK) operate find $(ARGS)

erase: ## Take out all that is kept of a postback: make erase ARGS="0-1764000000000-3"
	@$(STACK) operate erase $(ARGS)

bench: ## Measure the stack against Express + BullMQ + axios, in one run: make bench ARGS=--quick
	@scripts/prepare.sh
	@node scripts/dist/localStack.js install
	@node scripts/dist/bench.js $(ARGS)

bench-ingest: ## Measure what the checks of a request cost, against JSON.parse alone
	@scripts/prepare.sh
	@node scripts/dist/localStack.js install
	@node scripts/dist/ingestCost.js

test: ## Lint, type check, unit and integration tests
	@scripts/prepare.sh
	@node scripts/dist/localStack.js install # the tests start a Redis and an nginx of their own
	npm run --silent lint
	node_modules/.bin/tsc --project tsconfig.test.json
	$(JEST) --testPathIgnorePatterns /node_modules/ '<rootDir>/test/compose/' '<rootDir>/test/crash/'

test-crash: ## Break whole stacks on purpose and account for every postback: make test-crash ARGS=--short
	@scripts/prepare.sh
	@node scripts/dist/localStack.js install
	$(JEST) --runInBand --testPathPatterns test/crash/

test-compose: ## Build and start the real compose file under a name of its own, use it, stop it
	@docker info >/dev/null 2>&1 || { echo 'test-compose failed: no Docker engine answers' >&2; exit 1; }
	@scripts/prepare.sh
	$(JEST) --runInBand --testPathPatterns test/compose/

lint: ## Check the code's style
	@scripts/prepare.sh
	npm run --silent lint

format: ## Bring the code into its format
	@scripts/prepare.sh
	npm run --silent format

clean: ## Delete what was built; the stack's state stays (see reset)
	rm -rf */dist */*.tsbuildinfo node_modules */node_modules coverage .stamp
