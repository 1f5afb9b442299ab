"""Rows of the tables that the invented snapshot leaves empty: evaluation, collection, agreement."""

from datetime import UTC, datetime, timedelta

from classifiers.assessing.instrument import read_instrument
from classifiers.comparing.statistic import definitions
from classifiers.stages import Stage

MODEL = "invented-1"  #: of the latest week
_SOURCES = ("bluesky", "feeds", "mastodon")
_UNTIL = datetime(2026, 11, 22, 6, 0, tzinfo=UTC).replace(tzinfo=None)


def rows_of_more(organization_id):
    """Rows of the tables that the invented snapshot leaves empty."""
    return {
        "models": [_model(MODEL, is_current=True), _model("invented-0", is_current=False)],
        "set_quality": [*_coverage()],
        "reliability": [*_bins()],
        "model_measures": [_measure("bias", -0.06), _measure("mean_absolute_error", 0.52)],
        "sources": [_source(name) for name in _SOURCES],
        "source_days": [*_days()],
        "source_outcomes": [
            {"source": "feeds", "outcome": outcome, "channel_count": count}
            for outcome, count in (("ok", 110), ("server_error", 9), ("", 1))
        ],
        "runs": [_run(back) for back in range(12)],
        "agreement_statistics": [*_statistics()],
        "answers": [*_answers("altimeter", organization_id), *_answers("esm3", organization_id)],
    }


def _model(version, *, is_current):
    return {
        "model_version": version,
        "source": "offset",
        "trained_at": _UNTIL - timedelta(days=20),
        "label_count": 84,
        "claim_count": 0,
        "is_current": is_current,
        "is_evaluated": is_current,
        "evaluated_label_count": 84 if is_current else None,
    }


def _coverage():
    groups = [("all", ""), *(("stage", stage.name.lower()) for stage in Stage)]
    groups += [("industry", "finance"), ("industry", "retail")]
    for place, (kind, name) in enumerate(groups):
        for level in (0.8, 0.9):
            yield {
                "model_version": MODEL,
                "group_kind": kind,
                "group_name": name,
                "level": level,
                "n": 84 if kind == "all" else 14 + place,
                "coverage_share": level - 0.02 * place,
                "lower": level - 0.02 * place - 0.1,
                "upper": min(level - 0.02 * place + 0.1, 1.0),
                "mean_set_size": 2.9 if kind == "all" else None,
            }


def _bins():
    for code in range(1, 6):
        for number in (1, 2, 3):
            yield {
                "model_version": MODEL,
                "threshold_code": code,
                "bin_number": number,
                "predicted_share": 0.3 * number,
                "observed_share": 0.25 * number,
                "lower": 0.2 * number,
                "upper": 0.33 * number,
                "n": 28,
            }


def _measure(name, value):
    bounds = {"lower": value - 0.1, "upper": value + 0.1}
    return {"model_version": MODEL, "measure": name, "value": value, **bounds, "n": 84}


def _source(name):
    return {
        "source": name,
        "channel_count": 120,
        "organization_count": 120,
        "reached_organization_count": 110,
        "seen_channel_count": 112,
        "last_success_at": _UNTIL,
        "next_due_at": _UNTIL + timedelta(hours=1),
        "activity_count_28d": 1250,
        "robots_count": 1,
        "rate_limited_count": 0,
        "failed_count": 7,
    }


def _days():
    for place, name in enumerate(_SOURCES):
        for back in range(0, 28, place + 1):
            yield {
                "source": name,
                "day": _UNTIL.date() - timedelta(days=back),
                "asked_channel_count": 9,
                "seen_channel_count": (9, 0, 4)[back % 3],
                "attempt_count": 12,
                "failed_attempt_count": 3,
            }


def _run(back):
    started = _UNTIL - timedelta(days=back)
    return {
        "run_id": f"run-{back}",
        "started_at": started,
        "ended_at": started + timedelta(minutes=20) if back else None,
        "state": "completed_with_failures" if back else "running",
        "command": "run",
        "channel_count": 200,
        "due_count": 40,
        "held_count": 1,
        "failed_count": 2 if back else None,
        "error": "" if back else "channel feeds: HTTP 503",
        "activity_count": 1250,
    }


def _answers(instrument, organization_id):
    for place, item in enumerate(read_instrument(instrument).items):
        yield {
            "organization_id": organization_id,
            "instrument": instrument,
            "instrument_version": read_instrument(instrument).version,
            "answered_on": _UNTIL.date(),
            "item_code": item.code,
            "answer": 1 + place % 3,
            "evidence_url": "https://example.org/proof",
        }


def _statistics():
    """Every number once, of groups and variants a few; those of private claims too."""
    groups = {"group_gap": ("industry: finance", "size: 10-49")}
    groups["sensitivity_excess_gap"] = ("another loss", "latest claims")
    groups["claimed_count"] = groups["observed_count"] = [str(code) for code in Stage]
    place = 0
    for scope in ("public", "all"):
        for code, definition in definitions().items():
            for name in groups.get(code, ("",)) if scope == "public" else ("",):
                place += 1
                yield _statistic(scope, place, code, name, definition)


def _statistic(scope, place, code, name, definition):
    is_count = definition.unit == "organizations"
    value = 12.0 if is_count else 0.3
    return {
        "scope": scope,
        "position": place,
        "code": code,
        "group_name": name,
        "value": value,
        "lower": None if is_count else 0.1,
        "upper": None if is_count else 0.5,
        "n": 60,
        "expected": None if is_count else 0.2,
        "p_value": None,
        "reason": "",
        **definition._asdict(),
    }
