# One page on how the analyzer itself is doing.

locals {
  _push_subscriptions = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=one_of(${join(",", [for name in keys(local.subscriptions) : "\"${name}\""])})"
  _dead_subscriptions = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=one_of(${join(",", [for topic in local.topics : "\"${topic}-dead\""])})"
  _services           = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=monitoring.regex.full_match(\"mesh-triage-.*\")"

  # Two charts in a row, in this order.
  charts = [
    {
      title   = "Entries a second, from the sink"
      filter  = "resource.type=\"pubsub_topic\" AND resource.labels.topic_id=\"log-entries\" AND metric.type=\"pubsub.googleapis.com/topic/send_message_operation_count\""
      aligner = "ALIGN_RATE"
      reducer = "REDUCE_SUM"
      group   = []
    },
    {
      title   = "Age of the oldest message that waits"
      filter  = "${local._push_subscriptions} AND metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
      aligner = "ALIGN_MAX"
      reducer = "REDUCE_MAX"
      group   = ["resource.label.subscription_id"]
    },
    {
      title   = "Pushes by their answer"
      filter  = "${local._push_subscriptions} AND metric.type=\"pubsub.googleapis.com/subscription/push_request_count\""
      aligner = "ALIGN_RATE"
      reducer = "REDUCE_SUM"
      group   = ["metric.label.response_class"]
    },
    {
      title   = "Dead letters"
      filter  = "${local._dead_subscriptions} AND metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\""
      aligner = "ALIGN_MAX"
      reducer = "REDUCE_MAX"
      group   = ["resource.label.subscription_id"]
    },
    {
      title   = "Time of a request, 99th percentile"
      filter  = "${local._services} AND metric.type=\"run.googleapis.com/request_latencies\""
      aligner = "ALIGN_PERCENTILE_99"
      reducer = "REDUCE_MAX"
      group   = ["resource.label.service_name"]
    },
    {
      title   = "Instances"
      filter  = "${local._services} AND metric.type=\"run.googleapis.com/container/instance_count\""
      aligner = "ALIGN_MAX"
      reducer = "REDUCE_SUM"
      group   = ["resource.label.service_name"]
    },
    {
      title   = "Memory in use, 99th percentile"
      filter  = "${local._services} AND metric.type=\"run.googleapis.com/container/memory/utilizations\""
      aligner = "ALIGN_PERCENTILE_99"
      reducer = "REDUCE_MAX"
      group   = ["resource.label.service_name"]
    },
    {
      title   = "Firestore writes a second"
      filter  = "resource.type=\"firestore.googleapis.com/Database\" AND resource.labels.database_id=\"${var.firestore.database}\" AND metric.type=\"firestore.googleapis.com/document/write_ops_count\""
      aligner = "ALIGN_RATE"
      reducer = "REDUCE_SUM"
      group   = ["metric.label.op"]
    },
    {
      title   = "Errors that functions report"
      filter  = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/mesh-triage/function-errors\""
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_SUM"
      group   = ["resource.label.service_name"]
    },
    {
      title   = "Messages that Slack refuses"
      filter  = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/mesh-triage/slack-refusals\""
      aligner = "ALIGN_DELTA"
      reducer = "REDUCE_SUM"
      group   = []
    },
  ]
}

resource "google_monitoring_dashboard" "this" {
  project = var.project_id

  dashboard_json = jsonencode({
    displayName = "mesh-triage"
    mosaicLayout = {
      columns = 12
      tiles = [
        for index, chart in local.charts : {
          xPos   = index % 2 * 6
          yPos   = floor(index / 2) * 4
          width  = 6
          height = 4
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [{
                plotType = "LINE"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = chart.filter
                    aggregation = {
                      alignmentPeriod    = "60s"
                      perSeriesAligner   = chart.aligner
                      crossSeriesReducer = chart.reducer
                      groupByFields      = chart.group
                    }
                  }
                }
              }]
            }
          }
        }
      ]
    }
  })

  depends_on = [google_project_service.this]
}
