# Topics, their dead letters, and the push subscriptions that wake the functions.

locals {
  topics = toset(["incident-changes", "log-entries"])

  # Messages that can't be delivered for this long are lost. `incidents/{id}/ids` outlives it by a day, so that the
  # latest redelivery is still known (IDS_KEPT_MS in functions/adapters/firestore-fold.ts).
  message_retention = "604800s"

  # Dead letters wait for a person: as long as Pub/Sub allows.
  dead_letter_retention = "2678400s"

  # A filter can't be changed later: another one makes another subscription, and what waits in the old one is lost.
  subscriptions = {
    incident-changes-to-diagnose = {
      filter          = "attributes.kind = \"diagnose\""
      function        = "diagnose"
      maximum_backoff = "60s"
      ordered         = true
      topic           = "incident-changes"
    }
    # Nothing is lost where a nudge is: the tick of watch nudges again.
    incident-changes-to-reconcile = {
      filter          = "NOT attributes:kind"
      function        = "reconcile"
      maximum_backoff = "60s"
      ordered         = true
      topic           = "incident-changes"
    }
    # 100 attempts that come to lie five minutes apart are eight hours: the length of a night.
    log-entries-to-classify = {
      filter          = null
      function        = "classify"
      maximum_backoff = "300s"
      ordered         = false
      topic           = "log-entries"
    }
  }
}

resource "google_pubsub_topic" "this" {
  #checkov:skip=CKV_GCP_83:Encrypted by the operator's key where kms_key_name is set; Google's keys are the documented default.
  for_each = local.topics

  project      = var.project_id
  name         = each.key
  kms_key_name = var.kms_key_name

  depends_on = [google_project_service.this]
}

resource "google_pubsub_topic" "dead" {
  #checkov:skip=CKV_GCP_83:Encrypted by the operator's key where kms_key_name is set; Google's keys are the documented default.
  for_each = local.topics

  project      = var.project_id
  name         = "${each.key}-dead"
  kms_key_name = var.kms_key_name

  depends_on = [google_project_service.this]
}

# A topic without a subscription forgets: these hold the dead letters until `mesh-triage dead-letters replay`.
resource "google_pubsub_subscription" "dead" {
  for_each = local.topics

  project                    = var.project_id
  name                       = "${each.key}-dead"
  topic                      = google_pubsub_topic.dead[each.key].id
  ack_deadline_seconds       = 60
  message_retention_duration = local.dead_letter_retention

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_subscription" "push" {
  for_each = local.subscriptions

  project                    = var.project_id
  name                       = each.key
  topic                      = google_pubsub_topic.this[each.value.topic].id
  filter                     = each.value.filter
  enable_message_ordering    = each.value.ordered
  message_retention_duration = local.message_retention

  # It is the time that a push may take, too: what a function does within one request ends well before.
  ack_deadline_seconds = 60

  push_config {
    push_endpoint = google_cloudfunctions2_function.this[each.value.function].service_config[0].uri

    oidc_token {
      service_account_email = google_service_account.this["push"].email
      audience              = google_cloudfunctions2_function.this[each.value.function].service_config[0].uri
    }
  }

  # Without this block a message that is refused comes back at once, and a short outage uses up all its attempts.
  retry_policy {
    minimum_backoff = "1s"
    maximum_backoff = each.value.maximum_backoff
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead[each.value.topic].id
    max_delivery_attempts = 100
  }

  # By default Pub/Sub deletes a subscription that nothing came through for 31 days.
  expiration_policy {
    ttl = ""
  }

  depends_on = [
    google_cloud_run_v2_service_iam_member.push,
    google_pubsub_topic_iam_member.dead_letters,
    google_service_account_iam_member.push_token,
  ]
}

# Pub/Sub itself moves dead letters: it publishes them there and acknowledges them here.
resource "google_pubsub_topic_iam_member" "dead_letters" {
  for_each = local.topics

  project = var.project_id
  topic   = google_pubsub_topic.dead[each.key].name
  role    = "roles/pubsub.publisher"
  member  = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "dead_letters" {
  for_each = local.subscriptions

  project      = var.project_id
  subscription = google_pubsub_subscription.push[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent

  lifecycle {
    # A subscription that is replaced loses its policy without a word; its id is unknown only then.
    replace_triggered_by = [google_pubsub_subscription.push[each.key].id]
  }
}

resource "google_pubsub_topic_iam_member" "sink" {
  project = var.project_id
  topic   = google_pubsub_topic.this["log-entries"].name
  role    = "roles/pubsub.publisher"
  member  = local.sink_writer
}

resource "google_pubsub_topic_iam_member" "nudges" {
  for_each = toset([for name, function in local.functions : name if contains(keys(function.environment), "INCIDENT_CHANGES_TOPIC")])

  project = var.project_id
  topic   = google_pubsub_topic.this["incident-changes"].name
  role    = "roles/pubsub.publisher"
  member  = google_service_account.this[each.key].member
}
