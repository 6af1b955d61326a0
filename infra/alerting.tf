# When the analyzer itself is unwell: docs/operate.md tells for each alert what to do.

locals {
  # Thresholds on metrics that Google keeps. A filter names what is watched, seconds how long it must last.
  alerts = {
    dead-letters = {
      aligner   = "ALIGN_MAX"
      display   = "messages were given up"
      filter    = "resource.type=\"pubsub_subscription\" AND metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND resource.labels.subscription_id=one_of(${join(",", [for topic in local.topics : "\"${topic}-dead\""])})"
      meaning   = "A message was refused 100 times and lies in a dead-letter subscription. Mend what refused it, then: mesh-triage dead-letters list, dead-letters replay. Replaying is safe: an entry counts once."
      period    = 300
      seconds   = 0
      severity  = "WARNING"
      threshold = 0
    }
    oldest-message = {
      aligner   = "ALIGN_MAX"
      display   = "messages wait too long"
      filter    = "resource.type=\"pubsub_subscription\" AND metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND resource.labels.subscription_id=one_of(${join(",", [for name in keys(local.subscriptions) : "\"${name}\""])})"
      meaning   = "Entries or nudges are not worked off. Look at the function's log; if it is merely busy, raise max_instances."
      period    = 60
      seconds   = 300
      severity  = "ERROR"
      threshold = 300
    }
    refused-pushes = {
      aligner   = "ALIGN_DELTA"
      display   = "functions refuse pushes"
      filter    = "resource.type=\"pubsub_subscription\" AND metric.type=\"pubsub.googleapis.com/subscription/push_request_count\" AND metric.labels.response_class!=\"ack\" AND resource.labels.subscription_id=one_of(${join(",", [for name in keys(local.subscriptions) : "\"${name}\""])})"
      meaning   = "Pushes are not answered with success; Pub/Sub tries again and slows down. 403: push has lost roles/run.invoker. 429: max_instances is too low. 5xx: Firestore or the network, see the function's log."
      period    = 300
      seconds   = 300
      severity  = "WARNING"
      threshold = 20
    }
    sink-errors = {
      aligner   = "ALIGN_DELTA"
      display   = "the sink can't deliver"
      filter    = "resource.type=\"logging_sink\" AND metric.type=\"logging.googleapis.com/exports/error_count\" AND resource.labels.name=\"${local.sink_name}\""
      meaning   = "Entries do not reach topic log-entries: its writer needs roles/pubsub.publisher there (terraform apply mends it). Where the sink lies in another project, this one sees it only through its metrics scope; silence-of-the-sink speaks all the same."
      period    = 300
      seconds   = 0
      severity  = "ERROR"
      threshold = 0
    }
  }

  # Absence of what comes in health.
  absences = merge(
    {
      silence-of-watch = {
        display  = "the tick does not come"
        filter   = "resource.type=\"cloud_run_revision\" AND metric.type=\"run.googleapis.com/request_count\" AND metric.labels.response_code_class=\"2xx\" AND resource.labels.service_name=\"mesh-triage-watch\""
        meaning  = "watch has not ended a tick for ten minutes: quiet incidents stay open, failed VMs stay unseen. Look at job mesh-triage-tick and at the log of mesh-triage-watch."
        seconds  = 600
        severity = "ERROR"
      }
    },
    var.silent_after_seconds == null ? {} : {
      silence-of-the-sink = {
        display  = "no entry arrives at all"
        filter   = "resource.type=\"pubsub_topic\" AND metric.type=\"pubsub.googleapis.com/topic/send_message_operation_count\" AND resource.labels.topic_id=\"log-entries\""
        meaning  = "Nothing was published to log-entries. Either the fleet is in perfect health, or its agents or the sink stopped: try the output sink_filter in the Logs Explorer."
        seconds  = var.silent_after_seconds
        severity = "WARNING"
      }
    },
  )

  # Lines of our own that somebody should read; test/infra/alerts.test.ts holds these to what the functions write.
  log_alerts = {
    function-errors = {
      display = "a function reports an error"
      filter  = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^mesh-triage-\" AND severity>=ERROR AND NOT log_id(\"run.googleapis.com/requests\") AND NOT jsonPayload.message:\"Slack refuses the message\" AND NOT jsonPayload.message:\"Slack takes the message in no size\""
      meaning = "The line says what failed and what happens next. Most are tried again by themselves; one that comes back is worth a look."
    }
    slack-refusals = {
      display = "Slack refuses messages"
      filter  = local.slack_refusals
      meaning = "Nobody hears of incidents. The line names channel, Slack's word and what to do: invite the app, renew the token, mend the channel's id. Messages are tried again every ten minutes."
    }
  }

  slack_refusals = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"mesh-triage-reconcile\" AND jsonPayload.message=~\"(Slack refuses the message|Slack takes the message in no size|the digest was not posted|the digest was not edited|the daily summary was not posted)\""
}

resource "google_monitoring_alert_policy" "threshold" {
  for_each = local.alerts

  project               = var.project_id
  display_name          = "mesh-triage: ${each.value.display}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = var.alert_channels
  user_labels           = local.labels

  conditions {
    display_name = each.value.display
    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.threshold
      duration        = "${each.value.seconds}s"

      aggregations {
        alignment_period   = "${each.value.period}s"
        per_series_aligner = each.value.aligner
      }
    }
  }

  documentation {
    content   = each.value.meaning
    mime_type = "text/markdown"
  }

  depends_on = [google_project_service.this]
}

resource "google_monitoring_alert_policy" "absence" {
  for_each = local.absences

  project               = var.project_id
  display_name          = "mesh-triage: ${each.value.display}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = var.alert_channels
  user_labels           = local.labels

  conditions {
    display_name = each.value.display
    condition_absent {
      filter   = each.value.filter
      duration = "${each.value.seconds}s"

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content   = each.value.meaning
    mime_type = "text/markdown"
  }

  depends_on = [google_project_service.this]
}

# These read the log itself: a metric made of it is unknown to Monitoring for minutes, and the first apply would fail.
resource "google_monitoring_alert_policy" "log" {
  for_each = local.log_alerts

  project               = var.project_id
  display_name          = "mesh-triage: ${each.value.display}"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = var.alert_channels
  user_labels           = local.labels

  conditions {
    display_name = each.value.display
    condition_matched_log {
      filter = each.value.filter
    }
  }

  alert_strategy {
    auto_close = "3600s"
    notification_rate_limit {
      period = "3600s"
    }
  }

  documentation {
    content   = each.value.meaning
    mime_type = "text/markdown"
  }

  depends_on = [google_project_service.this]
}

# For the dashboard: how often Slack refuses, and how often a function errs.
resource "google_logging_metric" "this" {
  for_each = local.log_alerts

  project     = var.project_id
  name        = "mesh-triage/${each.key}"
  description = "mesh-triage: ${each.value.display}"
  filter      = each.value.filter

  metric_descriptor {
    display_name = "mesh-triage: ${each.value.display}"
    metric_kind  = "DELTA"
    value_type   = "INT64"
    unit         = "1"
  }

  depends_on = [google_project_service.this]
}
