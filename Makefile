# make run    installs what is missing, builds, and segments the bundled clip into out/
# make test   installs what is missing, builds, and runs every test
# make bench-training   the trainer against PyTorch (python3-torch and libopenblas0-pthread installed by hand)
# make bench-tracking GROUP=   scores masks and identities on the shared data; GROUP: all, or as in tracking.sh
# make soak SECONDS=60 FAULTS= KILLS=200 FRAMES=1000000   network faults on loopback for so long each (FAULTS: all, or as
#             in soak.py), kills at random moments, the service under a real systemd where that boots, and over so many frames
# make sanitize SANITIZERS=   the modules that handle memory and threads, and their tests, under the address and the thread
#             sanitizer (SANITIZERS: both, or one)
# make test-forms   every form of the masks against the FFV1 masks, for all of the shared clips (NEM_STREAM_DATA)
# make fuzz SECONDS=60 READERS=   the readers of files under LLVM's fuzzer and address sanitizer (READERS: all, or as in
#             fuzz.sh)
# make install PREFIX=/usr/local DESTDIR=   installs binary, models, manual, completions, systemd unit and configuration

PREFIX ?= /usr/local
DESTDIR ?=
SYSCONFDIR ?= /etc
SWIFT ?= swift

# The one list of Debian packages; the README gives each one's reason.
PACKAGES := libavformat-dev libavcodec-dev libswscale-dev libavutil-dev libavdevice-dev libdnnl-dev libgcc-12-dev \
  libhdf5-dev zlib1g-dev pkg-config ffmpeg openmpi-bin

# Suites in which real time passes: apart from the others, which leave them no processor.
TIMED := LiveSourceTests|ServiceTests|SupervisorTests|StatusServerTests|EventHookTests

MODELS := $(wildcard Models/*.safetensors) $(wildcard Models/*.md)

.PHONY: run build test test-forms lint bench bench-training bench-tracking soak fuzz sanitize install packages clean

run: build
	.build/release/nem-stream Examples/traffic_camera.mp4 --masks out --overlay out/overlay.mp4 --overwrite
	ffmpeg -nostdin -v error -y -ss 12 -i out/overlay.mp4 -frames:v 1 -update 1 out/overlay.png
	@echo "one mask stream per object: out/objects/  background mask: out/baseline/foreground.mkv"
	@echo "coloured masks on the clip: out/overlay.mp4  one picture of them: out/overlay.png"

build: packages
	$(SWIFT) build -c release --product nem-stream

test: packages
	Tests/run.sh --skip '$(TIMED)'
	Tests/run.sh --skip-build --filter '$(TIMED)'
	NEM_STREAM_ALONE=1 Tests/run.sh --skip-build --filter TrackerEnduranceTests

test-forms: packages
	NEM_STREAM_ALL_CLIPS=1 Tests/run.sh --filter RoundTripTests

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests

bench: build
	Tests/Benchmark/whole-run.sh

bench-training: build
	Tests/Benchmark/training.sh

bench-tracking: build
	Tests/Benchmark/tracking.sh $(GROUP)

SECONDS ?= 60
KILLS ?= 200
FRAMES ?= 1000000
soak: build
	Tests/Soak/systemd.sh
	python3 Tests/Soak/soak.py .build/release/nem-stream $(SECONDS) $(FAULTS)
	python3 Tests/Soak/kills.py .build/release/nem-stream $(KILLS)
	python3 Tests/Soak/endurance.py .build/release/nem-stream $(FRAMES)

sanitize: packages
	Tests/Sanitize/sanitize.sh $(SANITIZERS)

fuzz: packages
	Tests/Fuzz/fuzz.sh $(SECONDS) $(READERS)

install: packages
	$(SWIFT) build -c release --static-swift-stdlib --scratch-path .build/install --product nem-stream
	install -D -m 755 .build/install/release/nem-stream $(DESTDIR)$(PREFIX)/bin/nem-stream
	install -d $(DESTDIR)$(PREFIX)/share/nem-stream/models
	install -m 644 $(MODELS) $(DESTDIR)$(PREFIX)/share/nem-stream/models
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	.build/install/release/nem-stream manual > $(DESTDIR)$(PREFIX)/share/man/man1/nem-stream.1
	.build/install/release/nem-stream --generate-completion-script bash \
	  > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/nem-stream
	.build/install/release/nem-stream --generate-completion-script zsh \
	  > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_nem-stream
	.build/install/release/nem-stream --generate-completion-script fish \
	  > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/nem-stream.fish
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|@PREFIX@|$(PREFIX)|g; s|/etc/nem-stream|$(SYSCONFDIR)/nem-stream|g' systemd/nem-stream@.service \
	  > $(DESTDIR)$(PREFIX)/lib/systemd/system/nem-stream@.service
	install -D -m 644 config/nem-stream.yaml $(DESTDIR)$(PREFIX)/share/doc/nem-stream/nem-stream.yaml
	install -d $(DESTDIR)$(SYSCONFDIR)/nem-stream

# Asks dpkg first, so that nothing runs as root once the packages are there.
packages:
	@missing=$$(for package in $(PACKAGES); do \
	  dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; done); \
	if [ -n "$$missing" ]; then \
	  echo "installing:" $$missing; \
	  if [ $$(id -u) -eq 0 ]; then root=; else root="sudo -n"; fi; \
	  $$root apt-get update -q && \
	  $$root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing; \
	fi

clean:
	rm -rf .build out
