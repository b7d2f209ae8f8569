# Two targets set everything up: `make demo` runs the main job, `make test` the
# tests. They need Go, Python 3.11, Java 17 and gcc; everything else they install into
# the cache (MLP_CACHE_DIR, default: the user's cache directory), but for a
# browser and Graphviz, which the tests get from Debian's packages.

export MLP_CACHE_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/mlp
ROOT := $(abspath .)
MLP_REAL_DATA ?= $(abspath ../shared/data)
export MLP_REAL_DATA
MLP := bin/mlp

# Packages that must build and pass without cgo.
PURE := $(addprefix ./pkg/,alert diag digest github graph source spec specpb sql compile format plan lineage page evaluation scaffold)

.PHONY: help
help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

.PHONY: build
build: ## Build bin/mlp
	@go build -o $(MLP) ./cmd/mlp

.PHONY: demo
demo: build ## Run init, apply, pull and score, with a transcript
	@./demo.sh $(abspath $(MLP))

.PHONY: test
test: test-go parity-sample test-python acceptance ## Set up what the tests need and run them all

# The environments that tests need: of each kind of trainer, and pytest.
.PHONY: python
python:
	@go run ./trainers/setup > /dev/null
	@go run ./pkg/engine/spark/setup > /dev/null

# What tests look at pages and diagrams with.
CHROMIUM = $(or $(MLP_TEST_CHROMIUM),$(shell command -v chromium || command -v google-chrome))
DOT = $(or $(MLP_TEST_DOT),$(shell command -v dot || true))
MISSING = $(strip $(if $(CHROMIUM),,chromium) $(if $(DOT),,graphviz))
SUDO = $(if $(filter 0,$(shell id -u)),,sudo)
.PHONY: browser
browser:
	@$(if $(MISSING),{ $(SUDO) apt-get update && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y --no-install-recommends $(MISSING); } > /dev/null,:)

# What checks and runs the workflows of GitHub Actions.
TOOLS := $(MLP_CACHE_DIR)/tools
ACT := $(TOOLS)/act-0.2.89/act
ACTIONLINT := $(TOOLS)/actionlint-1.7.12/actionlint
ZIZMOR := $(TOOLS)/zizmor-1.32.0/bin/zizmor
# The S3 server of tests, and of `make s3`.
VERSITYGW := $(TOOLS)/versitygw-1.8.0/versitygw
.PHONY: tools
tools: $(ACT) $(ACTIONLINT) $(ZIZMOR) $(VERSITYGW)
$(ACT):
	@GOBIN=$(@D) go install github.com/nektos/act@v0.2.89
$(ACTIONLINT):
	@GOBIN=$(@D) go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
$(VERSITYGW):
	@GOBIN=$(@D) go install github.com/versity/versitygw/cmd/versitygw@v1.8.0
$(ZIZMOR):
	@$(or $(MLP_PYTHON),python3.11) -m venv $(TOOLS)/zizmor-1.32.0
	@$(@D)/pip install --quiet --disable-pip-version-check zizmor==1.32.0

.PHONY: test-go
test-go: python browser tools
	@eval "$$(go run ./trainers/setup)" && eval "$$(go run ./pkg/engine/spark/setup)" && export MLP_TEST_CHROMIUM="$(CHROMIUM)" MLP_TEST_DOT="$(DOT)" && \
	  export MLP_TEST_ACT=$(ACT) MLP_TEST_ACTIONLINT=$(ACTIONLINT) MLP_TEST_ZIZMOR=$(ZIZMOR) MLP_TEST_VERSITYGW=$(VERSITYGW) && \
	  test -n "$$MLP_TEST_CHROMIUM" -a -n "$$MLP_TEST_DOT" && go vet ./... && go test -timeout 40m ./...
	@CGO_ENABLED=0 go test $(PURE)

.PHONY: test-python
test-python: python
	@eval "$$(go run ./trainers/setup)" && cd trainers && export PYTHONPATH="$$MLP_TEST_PYTEST" && \
	  for p in "$$MLP_TEST_PYTHON" "$$MLP_TEST_TENSORFLOW"; do "$$p" -m pytest -q tests || exit 1; done

.PHONY: acceptance
acceptance: build ## Run the specs in acceptance/ on real captures
	@go run ./acceptance/check -mlp $(MLP) -specs acceptance -data $(MLP_REAL_DATA)

# Where `make s3` keeps its bucket and its keys, and where it listens.
S3_DIR ?= $(or $(XDG_DATA_HOME),$(HOME)/.local/share)/mlp-s3
S3_ADDRESS ?= 127.0.0.1:7070
.PHONY: s3
s3: $(VERSITYGW) ## Run an S3 server, for teams without AWS, until Ctrl-C
	@mkdir -p "$(S3_DIR)/data/mlp" && cd "$(S3_DIR)" && umask 077 && \
	  { test -s secret || head -c 24 /dev/urandom | base64 | tr '+/' 'xy' > secret; } && \
	  printf 'export %s\n' AWS_ENDPOINT_URL_S3=http://$(S3_ADDRESS) AWS_ACCESS_KEY_ID=mlp "AWS_SECRET_ACCESS_KEY=$$(cat secret)" \
	    AWS_REGION=us-east-1 MLP_STORE=s3://mlp && \
	  ROOT_ACCESS_KEY=mlp ROOT_SECRET_KEY="$$(cat secret)" exec $(VERSITYGW) --port $(S3_ADDRESS) --quiet posix data > log 2>&1

.PHONY: races
races: $(VERSITYGW) ## Let 16 publishers append 1,000 releases each to a log on S3
	@MLP_TEST_VERSITYGW=$(VERSITYGW) go test -timeout 60m -count=1 -run TestPublishers -v ./pkg/store/s3 -publishers-append=1000

.PHONY: bench
bench: ## Measure against peers, in the same run
	@go test -run '^$$' -bench . -benchmem ./pkg/sql ./pkg/spec ./pkg/source ./pkg/engine/duckdb ./pkg/plan

.PHONY: bench-engines
bench-engines: ## Measure parsing and features on both engines, beside Spark by hand
	@eval "$$(go run ./pkg/engine/spark/setup)" && go run ./bench/engines

.PHONY: bench-language
bench-language: ## Answer Spark's documented examples
	@mkdir -p bin && rm -f bin/language.txt
	@go test -count=1 -run '^TestDocumentedExamples$$' ./pkg/engine/duckdb -report $(ROOT)/bin/language.txt > bin/language.log || failed=1; \
	  cat bin/language.txt || cat bin/language.log; exit $${failed:-0}

# Real Spark, in an environment of its own, with Java 17. It takes minutes; what is stored is not asked again.
SPARK := $(MLP_CACHE_DIR)/tools/pyspark-4.3.0
ASK := pkg/engine/enginetest/answers
$(SPARK):
	@$(or $(MLP_PYTHON),python3.11) -m venv $(SPARK)
	@$(SPARK)/bin/pip install --quiet --disable-pip-version-check -r $(ASK)/spark/requirements.txt
.PHONY: answers
answers: $(SPARK) ## Ask real Spark about every function, and store what it answers
	@go run ./$(ASK)/spark > $(SPARK)/questions.jsonl
	@$(SPARK)/bin/python $(ASK)/spark/answers.py $(SPARK)/questions.jsonl $(ASK)/testdata/answers.jsonl.gz
	@$(SPARK)/bin/python $(ASK)/spark/sessions.py $(ASK)/testdata/sessions.jsonl

# Tests that compare both engines: each adds a line, how many cases and how many differ, to
# MLP_TEST_PARITY_COUNTS.
PARITY_TESTS := ./pkg/engine/duckdb ./pkg/run
PARITY_COUNTS := $(ROOT)/bin/parity.txt
define compare
	@mkdir -p bin && rm -f $(PARITY_COUNTS)
	@eval "$$(go run ./trainers/setup)" && eval "$$(go run ./pkg/engine/spark/setup)" && export MLP_TEST_PARITY_PYTHON="$$MLP_TEST_SPARK_PYTHON" MLP_TEST_PARITY=$(1) MLP_TEST_PARITY_COUNTS=$(PARITY_COUNTS) && \
	  { go test -timeout 60m -count=1 -v -run '^TestParity' $(PARITY_TESTS) > bin/parity.log 2>&1 || { cat bin/parity.log; failed=1; }; } && \
	  grep -h 'parity-seed=' bin/parity.log; awk '{ cases += $$1; differ += $$2 } END { printf "parity: cases %d, differ %d\n", cases, differ; exit differ > 0 }' $(PARITY_COUNTS) && exit $${failed:-0}
endef
.PHONY: parity parity-sample
parity: ## Compare both engines on everything, with real Spark
	$(call compare,full)
parity-sample:
	$(call compare,sample)

.PHONY: fuzz
fuzz: ## Fuzz each target for 30 s
	@for p in $$(grep -rl '^func Fuzz' --include=*_test.go pkg | xargs -n1 dirname | sort -u); do \
	  for f in $$(grep -hoE '^func Fuzz[A-Za-z]+' $$p/*_test.go | cut -c6-); do \
	    go test -run '^$$' -fuzz "^$$f\$$" -fuzztime 30s ./$$p || exit 1; done; done

.PHONY: generate
generate: ## Write generated files anew
	@go generate ./...

.PHONY: clean
clean: ## Remove what was built
	@rm -rf bin
