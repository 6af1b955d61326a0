# The clock: the tick of watch, and the daily summary.

resource "google_cloud_scheduler_job" "tick" {
  project     = var.project_id
  region      = var.region
  name        = "mesh-triage-tick"
  description = "Wakes watch each minute"
  schedule    = "* * * * *"
  time_zone   = "Etc/UTC"

  # As long as watch itself may take.
  attempt_deadline = "120s"

  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.this["watch"].service_config[0].uri

    oidc_token {
      service_account_email = google_service_account.this["scheduler"].email
      audience              = google_cloudfunctions2_function.this["watch"].service_config[0].uri
    }
  }

  # The next minute is the retry.
  retry_config {
    retry_count = 0
  }

  depends_on = [google_cloud_run_v2_service_iam_member.scheduler]
}

# A message like any nudge, with a name that no incident has. Cloud Scheduler's own service agent publishes it, by the
# role that it has since the API was enabled.
resource "google_cloud_scheduler_job" "summary" {
  count = var.summary_schedule == null ? 0 : 1

  project     = var.project_id
  region      = var.region
  name        = "mesh-triage-summary"
  description = "Asks reconcile for the daily summary"
  schedule    = var.summary_schedule
  time_zone   = var.time_zone

  pubsub_target {
    topic_name = google_pubsub_topic.this["incident-changes"].id
    data       = base64encode("look")
    attributes = {
      incident = "daily-summary"
    }
  }

  retry_config {
    retry_count = 3
  }

  depends_on = [google_project_service.this]
}
