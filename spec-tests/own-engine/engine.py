"""A small engine of its own that plays the fixtures: a line of JSON in, a line of JSON out. docs/own-engine.md tells how.

It shares nothing with the crates, and has no disk, no chance and no clock but the one it is told. What it lacks it says.
"""

import json
import re
import sys

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
UNITS = {"ms": 1, "s": SECOND, "min": MINUTE, "h": HOUR, "d": DAY}
FOREVER = 10**18
# A link that was there for so long is steady.
STEADY = 5 * MINUTE

RECOMMENDED = dict(
    max_sync_attempts=12, initial_retry_delay=30 * SECOND, retry_delay_factor=3, max_retry_delay=5 * HOUR,
    max_age=7 * DAY, min_sync_attempts=3, max_observed_age=30 * DAY, max_free_outcomes=3,
    max_sync_event_duration=3 * MINUTE, max_last_chance_duration=MINUTE, max_concurrent_events=16,
    max_concurrent_events_per_origin=3, early_retries_per_hour=4, online_hold=2 * SECOND, online_hold_max=30 * SECOND,
    min_refire_spacing=SECOND, register_ends_wait=True, max_tag_length=10_240, max_registrations_per_worker=1000,
    # Nothing is drawn here: what others draw is the longest there may be.
    jitter="none", first_fire_spread=SECOND, first_fire_spread_in_background=MINUTE)
CHROMIUM = RECOMMENDED | dict(
    max_sync_attempts=3, initial_retry_delay=5 * MINUTE, max_retry_delay=FOREVER, max_age=FOREVER,
    max_observed_age=FOREVER, max_last_chance_duration=3 * MINUTE, max_concurrent_events=FOREVER,
    max_concurrent_events_per_origin=FOREVER, early_retries_per_hour=0, online_hold=0, online_hold_max=0,
    first_fire_spread=0, first_fire_spread_in_background=0,
    register_ends_wait=False)
PERIODIC = dict(
    min_interval_for_any_origin=12 * HOUR, max_retries=2, initial_retry_delay=5 * MINUTE, retry_delay_factor=3,
    max_event_duration=3 * MINUTE, max_retry_duration=MINUTE, interval_flex_percent=10, starts_per_day=4,
    second_slot_gap=0, follow_visits=False)
WAKE_UPS_PER_DAY = 12


class Cannot(Exception):
    """The engine has no such thing."""


class Undone(Exception):
    """What is done to is not there."""


class Refused(Exception):
    """A call is rejected, with the exception of this name."""


def length(value):
    """Milliseconds of a length of time as timelines write it."""
    if isinstance(value, str):
        return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)\s*(ms|s|min|h|d)", value))
    return value


def tag_key(tag):
    return json.dumps(tag)


def units(tag):
    return len(tag["utf16"]) if isinstance(tag, dict) else len(tag.encode("utf-16-le")) // 2


class Registration:
    def __init__(self, worker, kind, tag, now):
        self.worker, self.kind, self.tag = worker, kind, tag
        self.state = "pending"
        self.attempts = self.free_in_a_row = self.free_in_all = 0
        self.not_before = now
        self.made = now
        # Since when it is observed: time in which nothing runs is taken out.
        self.observed = now
        self.hurried = False
        self.again = False
        self.interval, self.anchor, self.nominal, self.retries = 0, now, now, 0


class Event:
    def __init__(self, registration, now, ends, how, cap, last_chance):
        self.registration, self.began, self.ends, self.how = registration, now, ends, how
        self.deadline = now + cap
        self.last_chance = last_chance
        self.link_went = False


class Worker:
    def __init__(self, declared):
        self.name = declared["name"]
        self.origin = re.match(r"[a-z]+://[^/]+", declared["scope"]).group()
        self.partition = declared.get("partition", "default")
        self.third_party = "third_party_of" in declared and declared["third_party_of"] is not None
        self.state = declared.get("state", "active")
        self.lists = {"one_shot": {}, "periodic": {}}
        self.behaviours = []

    def site(self):
        return (self.origin, self.partition)


class Engine:
    def start(self, start):
        if start["protocol"] != 1:
            raise Cannot("protocol %s" % start["protocol"])
        presets = {"recommended": RECOMMENDED, "chromium": CHROMIUM}
        if start["preset"] not in presets:
            raise Cannot("preset `%s`" % start["preset"])
        self.parameters, self.periodic = dict(presets[start["preset"]]), dict(PERIODIC)
        given = {name: value for name, value in start["parameters"].items() if value is not None}
        periodic = given.pop("periodic", {})
        for set_of, changes in ((self.parameters, given), (self.periodic, periodic)):
            for name, value in changes.items():
                if value is None:
                    continue
                if name not in set_of:
                    raise Cannot("parameter `%s`" % name)
                set_of[name] = length(value)
        self.now = 0
        self.up, self.network, self.held_until, self.lost, self.flaps = True, "unknown", 0, None, 0
        self.workers = {declared["name"]: Worker(declared) for declared in start["workers"]}
        self.windows, self.permissions, self.switches = {}, {}, {}
        self.running, self.events, self.replies = [], [], {}
        self.ended, self.early, self.origin_fired, self.origin_starts, self.wake_ups = {}, {}, {}, {}, []
        self.returned = False

    # Time

    def pass_until(self, moment):
        while True:
            self.settle()
            following = min((at for at in self.moments() if at > self.now), default=FOREVER)
            if following > moment:
                break
            self.now = following
        self.now = moment
        self.settle()

    def moments(self):
        """Every moment at which something may be due."""
        if not self.up:
            return
        yield self.held_until
        for event in self.running:
            yield min(event.ends, event.deadline)
        for registration in self.all():
            if registration.kind == "periodic":
                yield self.due(registration)
            else:
                yield registration.not_before
                yield registration.observed + self.parameters["max_observed_age"]
        for at in self.wake_ups:
            yield at + DAY
        for starts in self.origin_starts.values():
            for at in starts:
                yield at + DAY

    def all(self):
        for worker in self.workers.values():
            for registrations in worker.lists.values():
                yield from list(registrations.values())

    def settle(self):
        """Everything that is due at this moment."""
        while self.up and (self.end_events() or self.end_waits() or self.fire_one()):
            pass

    def end_events(self):
        for event in self.running:
            if event.ends <= self.now:
                self.end(event, event.how)
                return True
            if event.deadline <= self.now:
                self.stop(event)
                return True
        return False

    def end_waits(self):
        if self.returned and self.online():
            self.returned = False
            self.hurry()
            return True
        for registration in self.all():
            if registration.kind != "one_shot":
                continue
            if registration.observed + self.parameters["max_observed_age"] <= self.now and registration.state != "firing":
                self.remove(registration)
                return True
            # sync.fire.5.3.2.3: the wait is over, it is pending.
            if registration.state == "waiting" and registration.not_before <= self.now:
                registration.state = "pending"
                return True
        return False

    def hurry(self):
        """A link that returned ends back-offs early: each once, so many an hour of an origin."""
        for registration in self.all():
            if registration.kind != "one_shot" or registration.state != "waiting" or registration.hurried:
                continue
            early = self.early.setdefault(registration.worker.site(), [])
            early[:] = [at for at in early if at > self.now - HOUR]
            if len(early) < self.parameters["early_retries_per_hour"]:
                early.append(self.now)
                registration.state, registration.hurried = "pending", True
                registration.not_before = max(self.now, self.ended.get(self.key(registration), -FOREVER) + SECOND)

    # Firing

    def online(self):
        return self.network == "online" and self.held_until <= self.now

    def fire_one(self):
        if not self.online():
            return False
        return self.fire_one_shot() or self.fire_periodic()

    def may_start(self, worker):
        in_all = len(self.running) < self.parameters["max_concurrent_events"]
        of_it = sum(event.registration.worker.site() == worker.site() for event in self.running)
        return worker.state == "active" and in_all and of_it < self.parameters["max_concurrent_events_per_origin"]

    def busy(self, registration):
        return any(self.key(event.registration) == self.key(registration) for event in self.running)

    def fire_one_shot(self):
        ready = [it for it in self.all() if it.kind == "one_shot" and it.state == "pending" and it.not_before <= self.now]
        for registration in sorted(ready, key=lambda it: it.made_at):
            if self.may_start(registration.worker) and not self.busy(registration):
                last = self.is_last(registration)
                cap = self.parameters["max_last_chance_duration" if last else "max_sync_event_duration"]
                self.dispatch(registration, cap, last)
                return True
        return False

    def is_last(self, registration):
        attempt = registration.attempts + 1
        old = self.now - registration.made >= self.parameters["max_age"]
        return attempt >= self.parameters["max_sync_attempts"] or (old and attempt >= self.parameters["min_sync_attempts"])

    def due(self, registration):
        if registration.state == "firing":
            return registration.not_before
        fired = self.origin_fired.get(registration.worker.site(), self.now)
        return max(self.own_due(registration), fired + self.periodic["min_interval_for_any_origin"])

    def own_due(self, registration):
        """When its own interval is over: counted from its last event, and of the wait since that ended a tenth may be left out."""
        flex = registration.interval * (100 - self.periodic["interval_flex_percent"]) // 100
        return max(registration.nominal + registration.interval, registration.anchor + flex)

    def fire_periodic(self):
        waiting = [it for it in self.all() if it.kind == "periodic" and not self.busy(it) and self.due(it) <= self.now]
        for registration in sorted(waiting, key=self.own_due):
            starts = self.origin_starts.setdefault(registration.worker.site(), [])
            starts[:] = [at for at in starts if at > self.now - DAY]
            if registration.worker.state != "active" or len(starts) >= self.periodic["starts_per_day"]:
                continue
            if registration.state == "firing":
                self.dispatch_periodic([registration])
                return True
            self.wake_ups = [at for at in self.wake_ups if at > self.now - DAY]
            if self.now not in self.wake_ups and len(self.wake_ups) >= WAKE_UPS_PER_DAY:
                continue
            if self.now not in self.wake_ups:
                self.wake_ups.append(self.now)
            # periodic.process.1.3.3: an origin is looked at once, and all that is due of this list fires.
            together = [it for it in waiting if it.worker is registration.worker and it.state == "pending"]
            self.dispatch_periodic(together)
            return True
        return False

    def dispatch_periodic(self, together):
        for registration in together:
            if len(self.origin_starts[registration.worker.site()]) >= self.periodic["starts_per_day"]:
                return
            retry = registration.state == "firing"
            registration.nominal, registration.retries = self.now, registration.retries if retry else 0
            site = registration.worker.site()
            self.origin_fired[site] = self.now
            self.origin_starts[site].append(self.now)
            self.dispatch(registration, self.periodic["max_retry_duration" if retry else "max_event_duration"], False)

    def dispatch(self, registration, cap, last):
        registration.state = "firing"
        behaviour = self.behaviour(registration)
        deed = behaviour.get("does", "fulfil")
        ends = FOREVER if deed == "hang" else self.now + length(behaviour.get("takes", 0))
        self.running.append(Event(registration, self.now, ends, deed, cap, last))
        self.events.append(dict(
            worker=registration.worker.name, kind=registration.kind, tag=registration.tag,
            last_chance=last if registration.kind == "one_shot" else None, at=self.now))

    def behaviour(self, registration):
        fitting = [it for it in registration.worker.behaviours
                   if it.get("tag", registration.tag) == registration.tag
                   and it.get("kind", registration.kind) == registration.kind and it.get("times") != 0]
        counted = [it for it in fitting if "times" in it]
        chosen = (counted or fitting[-1:] or [{}])[0]
        if "times" in chosen:
            chosen["times"] -= 1
        return chosen

    # Ends

    def stop(self, event):
        """Its time is over: the worker is stopped, and its other events end without a charge."""
        others = [it for it in self.running if it is not event and it.registration.worker is event.registration.worker]
        self.end(event, "timeout")
        for other in others:
            self.end(other, "timeout" if other.deadline <= self.now else "with_another")

    def end(self, event, how):
        self.running.remove(event)
        registration = event.registration
        self.ended[self.key(registration)] = self.now
        if registration is not registration.worker.lists[registration.kind].get(tag_key(registration.tag)):
            return
        if registration.kind == "periodic":
            self.end_periodic(registration, how)
        elif registration.again:
            # sync.fire.5.2.1 and 5.3.1: registered again meanwhile, it is pending and fires again.
            self.renew(registration)
        elif how == "fulfil":
            self.remove(registration)
        elif event.last_chance:
            # sync.fire.5.3.3
            self.remove(registration)
        else:
            self.wait(registration, free=how == "with_another" or (event.link_went and how != "timeout"))

    def renew(self, registration):
        registration.state, registration.again = "pending", False
        registration.attempts = registration.free_in_a_row = registration.free_in_all = 0
        registration.made = registration.observed = self.now
        registration.hurried = False
        spacing = self.parameters["min_refire_spacing"] if registration.renewed else 0
        registration.not_before, registration.renewed = self.now + spacing, True

    def wait(self, registration, free):
        free = free and registration.free_in_a_row < self.parameters["max_free_outcomes"] \
            and registration.free_in_all < self.parameters["max_sync_attempts"]
        if free:
            registration.free_in_a_row += 1
            registration.free_in_all += 1
        else:
            registration.attempts += 1
            registration.free_in_a_row = 0
        # sync.fire.5.3.2.1
        delay = self.parameters["initial_retry_delay"] * self.parameters["retry_delay_factor"] ** max(registration.attempts - 1, 0)
        delay = max(min(delay, self.parameters["max_retry_delay"]), self.parameters["min_refire_spacing"])
        registration.state, registration.not_before, registration.hurried = "waiting", self.now + delay, False
        registration.renewed = False

    def end_periodic(self, registration, how):
        if how == "fulfil" or registration.again or registration.retries >= self.periodic["max_retries"]:
            registration.state, registration.again, registration.anchor = "pending", False, self.now
            return
        # periodic.fire.6.9
        delay = self.periodic["initial_retry_delay"] * self.periodic["retry_delay_factor"] ** registration.retries
        registration.retries += 1
        registration.not_before = self.now + delay

    # Lists

    def key(self, registration):
        return (registration.worker.name, registration.kind, tag_key(registration.tag))

    def remove(self, registration):
        registration.worker.lists[registration.kind].pop(tag_key(registration.tag), None)

    def drop(self, workers, kinds=("one_shot", "periodic"), stop=False):
        for worker in workers:
            for kind in kinds:
                worker.lists[kind].clear()
        if stop:
            self.running = [it for it in self.running
                            if it.registration.worker not in workers or it.registration.kind not in kinds]

    def of_site(self, origin, partition="default"):
        return [it for it in self.workers.values() if it.site() == (origin, partition)]

    # Calls

    def call(self, value, kind):
        worker = self.workers[value["worker"]]
        try:
            self.refuse(value, worker, kind)
            self.register(value, worker, kind)
            self.answer(value, "resolved")
        except Refused as refused:
            self.answer(value, {"rejected": str(refused)})

    def answer(self, value, answer):
        if value.get("id"):
            self.replies[value["id"]] = answer

    def refuse(self, value, worker, kind):
        """In the order of decision.order-of-refusals."""
        state = value.get("active_worker", worker.state)
        secure = re.fullmatch(r"https://.*|http://(localhost|127\.[\d.]+)(:\d+)?", worker.origin)
        if not secure or not value.get("secure_context", True):
            raise Refused("SecurityError")
        if state not in ("active", "activating"):
            raise Refused("InvalidStateError")
        if value.get("fenced", False) or "off" in (value.get("switch"), self.switch(worker, kind)):
            raise Refused("NotAllowedError")
        if value.get("restriction", "none") == "restricted":
            raise Refused("NotAllowedError")
        permission = value.get("permission", self.permissions.get((worker.site(), kind), "prompt"))
        if permission == "denied" or (kind == "periodic" and permission != "granted"):
            raise Refused("NotAllowedError")
        top_level, auxiliary = self.windows.get(worker.site(), (0, 0))
        if value.get("top_level", top_level) + auxiliary == 0:
            raise Refused("InvalidAccessError")
        if worker.third_party:
            raise Refused("InvalidAccessError")
        self.refuse_more(value["tag"], worker, kind)

    def refuse_more(self, tag, worker, kind):
        registered = worker.lists[kind]
        if tag_key(tag) in registered:
            return
        if units(tag) > self.parameters["max_tag_length"]:
            raise Refused("QuotaExceededError")
        if len(registered) >= self.parameters["max_registrations_per_worker"]:
            raise Refused("QuotaExceededError")

    def switch(self, worker, kind):
        off = "off" in (self.switches.get((None, kind)), self.switches.get((worker.site(), kind)))
        return "off" if off else "on"

    def register(self, value, worker, kind):
        registrations, tag = worker.lists[kind], value["tag"]
        registration = registrations.get(tag_key(tag))
        if kind == "periodic":
            self.register_periodic(registration, value, worker)
        elif registration is None:
            registration = registrations[tag_key(tag)] = Registration(worker, kind, tag, self.now)
            registration.made_at, registration.renewed = self.number(), False
            ended = self.ended.get(self.key(registration), -FOREVER)
            registration.not_before = max(self.now, ended + self.parameters["min_refire_spacing"])
        elif registration.state == "firing":
            # sync.register.8.2
            registration.again = True
        elif registration.state == "waiting" and self.parameters["register_ends_wait"]:
            # sync.register.8.1, a new count of attempts and an age of its own
            registration.state, registration.made, registration.observed = "pending", self.now, self.now
            registration.attempts = registration.free_in_a_row = registration.free_in_all = 0
            registration.not_before = max(self.now, self.ended[self.key(registration)] + self.parameters["min_refire_spacing"])
        elif registration.state == "pending":
            registration.made = registration.observed = self.now

    def number(self):
        self.numbered = getattr(self, "numbered", 0) + 1
        return self.numbered

    def register_periodic(self, registration, value, worker):
        interval = length(value.get("min_interval", 0))
        if registration is None:
            if not any(it.lists["periodic"] for it in self.of_site(*worker.site())):
                # An origin that had none has fired now, so that who registers anew gains nothing.
                self.origin_fired[worker.site()] = self.now
            registration = Registration(worker, "periodic", value["tag"], self.now)
            worker.lists["periodic"][tag_key(value["tag"])] = registration
            registration.interval = interval
        elif registration.interval != interval:
            # periodic.register.9.1
            registration.interval = interval
        elif registration.state == "firing":
            # periodic.register.9.2
            registration.again = True

    # Steps

    def do(self, word, value):
        step = getattr(self, "do_" + word, None)
        if step is None:
            raise Cannot("this engine has no such thing")
        if not self.up and word not in ("process", "network", "behave"):
            raise Cannot("nothing happens to this engine while it is down")
        step(value)

    def do_network(self, value):
        if value not in ("online", "offline", "unknown", "captive"):
            raise Cannot("a network is online or not")
        was, self.network = self.network, value
        if was == "online" and value != "online":
            # A link that was not steady flaps.
            self.flaps = self.flaps + 1 if self.lost is not None and self.now - self.since < STEADY else 0
            self.lost = self.now
            for event in self.running:
                event.link_went = True
        if value == "online" and was != "online":
            self.since, self.returned = self.now, was != "unknown"
            # The first network of a session is not held.
            hold = 0 if self.lost is None else self.parameters["online_hold"] * 2 ** self.flaps
            self.held_until = self.now + min(hold, self.parameters["online_hold_max"])
            self.spread()

    def spread(self):
        """What is pending when a link comes is spread: here it is always the latest moment."""
        for registration in self.all():
            if registration.kind == "one_shot" and registration.state == "pending":
                window = sum(self.windows.get(registration.worker.site(), (0, 0))) > 0
                spread = self.parameters["first_fire_spread" if window else "first_fire_spread_in_background"]
                registration.not_before = max(registration.not_before, self.held_until + spread)

    def do_windows(self, value):
        self.windows[(value["origin"], value.get("partition", "default"))] = (value.get("top_level", 0), value.get("auxiliary", 0))

    def do_register(self, value):
        self.call(value, "one_shot")

    def do_register_periodic(self, value):
        self.call(value, "periodic")

    def do_register_many(self, value):
        for number in range(value.get("from", 1), value.get("from", 1) + value["count"]):
            tag = str(number).ljust(value.get("length") or 0, ".")
            last = number == value.get("from", 1) + value["count"] - 1
            self.call(dict(worker=value["worker"], tag=tag, id=value.get("id") if last else None), "one_shot")

    def do_unregister_periodic(self, value):
        self.workers[value["worker"]].lists["periodic"].pop(tag_key(value["tag"]), None)
        self.answer(value, "resolved")

    def do_get_tags(self, value):
        self.answer(value, {"tags": self.tags(value["worker"], value.get("kind", "one_shot"))})

    def tags(self, worker, kind):
        return [registration.tag for registration in self.workers[worker].lists[kind].values()]

    def do_cancel(self, value):
        self.workers[value["worker"]].lists[value.get("kind", "one_shot")].pop(tag_key(value["tag"]), None)
        self.answer(value, "resolved")

    def do_permission(self, value):
        kind, site = value.get("kind", "one_shot"), (value["origin"], value.get("partition", "default"))
        self.permissions[(site, kind)] = value["state"]
        if value["state"] == "denied" or (kind == "periodic" and value["state"] != "granted"):
            self.drop(self.of_site(*site), (kind,))

    def do_switch(self, value):
        kind, site = value.get("kind", "one_shot"), None
        if value.get("origin"):
            site = (value["origin"], value.get("partition", "default"))
        self.switches[(site, kind)] = value["to"]
        if value["to"] == "off":
            self.drop(self.of_site(*site) if site else list(self.workers.values()), (kind,), stop=True)

    def do_worker(self, value):
        if value["state"] == "not_loaded":
            raise Cannot("its workers are always loaded")
        self.workers[value["name"]].state = value["state"]

    def do_unregister(self, name):
        self.workers[name].state = "none"
        self.drop([self.workers[name]])

    def do_reinstall(self, name):
        raise Cannot("a manager here never goes stale")

    def do_behave(self, value):
        if value.get("start", "works") != "works" or length(value.get("starts_in", 0)) != 0:
            raise Cannot("its workers start at once")
        if value.get("does", "fulfil") not in ("fulfil", "reject", "crash", "hang"):
            raise Cannot("its workers do not put off, and cannot survive")
        if value.get("registers") is not None:
            raise Cannot("its workers register nothing")
        self.workers[value["worker"]].behaviours.append(dict(value))

    def do_finish(self, value):
        if isinstance(value["how"], dict):
            raise Cannot("its workers do not put off")
        for event in self.running:
            of = event.registration
            if of.worker.name == value["worker"] and of.tag == value["tag"] and value.get("kind", of.kind) == of.kind:
                self.end(event, value["how"])
                return
        raise Undone("no such event runs")

    def do_clear(self, value):
        if value.get("since") is not None:
            raise Cannot("it clears everything")
        partition = value.get("partition", "default")
        meant = [it for it in self.workers.values() if it.partition == partition
                 and it.origin == (value.get("origin") or it.origin) and it.name == (value.get("worker") or it.name)]
        self.drop(meant)
        self.answer(value, "resolved")

    def do_close(self, partition):
        self.drop([it for it in self.workers.values() if it.partition == partition], stop=True)

    def do_store(self, value):
        if value != "works":
            raise Cannot("it has no disk")

    def do_process(self, value):
        if value in ("freeze", "thaw"):
            raise Cannot("it is never frozen")
        if value in ("crash", "shutdown"):
            if self.up:
                self.stopped = self.now
            self.up, self.windows = False, {}
            return
        self.up = True
        for registration in self.all():
            registration.observed += self.now - self.stopped
        for event in list(self.running):
            # What the browser's end cut off is not charged, and fires again; what is periodic waits for its next turn.
            charged = event.registration.attempts
            self.end(event, "with_another" if event.registration.kind == "one_shot" else "fulfil")
            if event.registration.state == "waiting" and event.registration.attempts == charged:
                event.registration.not_before = self.now
        for registration in self.all():
            if registration.kind == "periodic" and registration.state == "firing":
                registration.state, registration.anchor = "pending", self.now

    # Looks

    def look(self, look):
        self.settle()
        events, self.events = self.events, []
        replies, self.replies = self.replies, {}
        lists = look["tags"] if self.up else []
        tags = [dict(asked, tags=self.tags(asked["worker"], asked["kind"])) for asked in lists]
        return dict(events=events, replies=replies, tags=tags, running=len(self.running) if self.up else 0)


def answer(engine, ask):
    (word, value), = ask.items()
    try:
        if word == "start":
            engine.start(value)
        elif word == "at":
            engine.pass_until(value)
        elif word == "do":
            (step, what), = value.items()
            engine.do(step, what)
        elif word == "look":
            return {"seen": engine.look(value)}
        else:
            raise Cannot("there is no such question")
    except Cannot as cannot:
        return {"cannot": str(cannot)}
    except Undone as undone:
        return {"undone": str(undone)}
    return {"ok": {}}


def main():
    engine = Engine()
    for line in sys.stdin:
        print(json.dumps(answer(engine, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
