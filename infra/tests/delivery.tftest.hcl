# How messages travel: pushes with an identity, pauses, dead letters that wait, nothing that runs out.

mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project_id     = "demo-analyzer"
  region         = "europe-west3"
  scope          = { type = "project", id = "demo-mesh" }
  slack          = { channel = "C0123456789" }
  source_archive = "tests/source.zip"
}

# The mock gives every topic and function the same address: those that must not be mixed up have their own.
override_resource {
  target = google_pubsub_topic.this["log-entries"]
  values = { id = "projects/demo-analyzer/topics/log-entries" }
}

override_resource {
  target = google_pubsub_topic.dead["log-entries"]
  values = { id = "projects/demo-analyzer/topics/log-entries-dead" }
}

override_resource {
  target = google_pubsub_topic.this["incident-changes"]
  values = { id = "projects/demo-analyzer/topics/incident-changes" }
}

override_resource {
  target = google_pubsub_topic.dead["incident-changes"]
  values = { id = "projects/demo-analyzer/topics/incident-changes-dead" }
}

override_resource {
  target = google_cloudfunctions2_function.this["classify"]
  values = { service_config = { uri = "https://classify-abcdefghij-ey.a.run.app" } }
}

override_resource {
  target = google_cloudfunctions2_function.this["diagnose"]
  values = { service_config = { uri = "https://diagnose-abcdefghij-ey.a.run.app" } }
}

override_resource {
  target = google_cloudfunctions2_function.this["reconcile"]
  values = { service_config = { uri = "https://reconcile-abcdefghij-ey.a.run.app" } }
}

override_resource {
  target = google_cloudfunctions2_function.this["watch"]
  values = { service_config = { uri = "https://watch-abcdefghij-ey.a.run.app" } }
}

run "topics_and_subscriptions" {
  assert {
    condition     = toset(values(google_pubsub_topic.this)[*].name) == toset(["incident-changes", "log-entries"]) && toset(values(google_pubsub_topic.dead)[*].name) == toset(["incident-changes-dead", "log-entries-dead"])
    error_message = "Two topics, each with a topic for its dead letters."
  }

  assert {
    condition     = toset(values(google_pubsub_subscription.push)[*].name) == toset(["incident-changes-to-diagnose", "incident-changes-to-reconcile", "log-entries-to-classify"])
    error_message = "Three push subscriptions, named as in infra/local/stack.ts."
  }

  assert {
    condition     = toset(values(google_pubsub_subscription.dead)[*].name) == toset(["incident-changes-dead", "log-entries-dead"])
    error_message = "The names that mesh-triage dead-letters looks for."
  }
}

run "pushes" {
  assert {
    condition     = alltrue([for one in google_pubsub_subscription.push : one.push_config[0].oidc_token[0].audience == one.push_config[0].push_endpoint && one.push_config[0].oidc_token[0].service_account_email != ""])
    error_message = "Every push carries a token for exactly the address that it goes to."
  }

  assert {
    condition     = alltrue([for name, one in google_pubsub_subscription.push : one.push_config[0].push_endpoint == "https://${reverse(split("-", name))[0]}-abcdefghij-ey.a.run.app"])
    error_message = "Each subscription pushes to the function in its name, by the run.app address that internal ingress lets in."
  }

  assert {
    condition     = alltrue([for one in google_pubsub_subscription.push : one.ack_deadline_seconds == 60 && one.ack_deadline_seconds <= local.functions[local.subscriptions[one.name].function].timeout])
    error_message = "A push waits 60 seconds, and no function is ended before."
  }

  assert {
    condition     = alltrue([for one in google_pubsub_subscription.push : one.retry_policy[0].minimum_backoff == "1s" && tonumber(trimsuffix(one.retry_policy[0].maximum_backoff, "s")) >= 60])
    error_message = "What is refused comes back after a pause that grows."
  }

  assert {
    condition     = alltrue([for one in google_pubsub_subscription.push : one.message_retention_duration == "604800s" && one.expiration_policy[0].ttl == ""])
    error_message = "Messages wait seven days, subscriptions for ever."
  }
}

run "order_and_filters" {
  assert {
    condition     = google_pubsub_subscription.push["incident-changes-to-reconcile"].enable_message_ordering && google_pubsub_subscription.push["incident-changes-to-diagnose"].enable_message_ordering
    error_message = "Nudges of one incident come one after the other: the ordering key makes reconcile its single writer."
  }

  assert {
    condition     = !google_pubsub_subscription.push["log-entries-to-classify"].enable_message_ordering
    error_message = "Entries have no order, and must not wait for one."
  }

  assert {
    condition     = google_pubsub_subscription.push["incident-changes-to-reconcile"].filter == "NOT attributes:kind" && google_pubsub_subscription.push["incident-changes-to-diagnose"].filter == "attributes.kind = \"diagnose\"" && google_pubsub_subscription.push["log-entries-to-classify"].filter == null
    error_message = "Each nudge reaches exactly one of reconcile and diagnose; every entry reaches classify."
  }

  assert {
    condition     = alltrue([for name, one in google_pubsub_subscription.push : one.topic == "projects/demo-analyzer/topics/${split("-to-", name)[0]}"])
    error_message = "Each subscription is on the topic in its name."
  }
}

run "dead_letters" {
  assert {
    condition     = alltrue([for name, one in google_pubsub_subscription.push : one.dead_letter_policy[0].max_delivery_attempts == 100 && one.dead_letter_policy[0].dead_letter_topic == "projects/demo-analyzer/topics/${split("-to-", name)[0]}-dead"])
    error_message = "A message is given up after as many attempts as Pub/Sub allows, never earlier, and goes to the dead letters of its topic."
  }

  assert {
    condition     = toset(keys(google_pubsub_topic_iam_member.dead_letters)) == toset(["incident-changes", "log-entries"]) && alltrue([for one in google_pubsub_topic_iam_member.dead_letters : one.role == "roles/pubsub.publisher" && endswith(one.topic, "-dead") && one.member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"])
    error_message = "Pub/Sub may publish dead letters."
  }

  assert {
    condition     = toset(keys(google_pubsub_subscription_iam_member.dead_letters)) == toset(keys(google_pubsub_subscription.push)) && alltrue([for one in google_pubsub_subscription_iam_member.dead_letters : one.role == "roles/pubsub.subscriber" && one.member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"])
    error_message = "Pub/Sub may take them from where they were refused."
  }

  assert {
    condition     = alltrue([for one in google_pubsub_subscription.dead : one.message_retention_duration == "2678400s" && one.expiration_policy[0].ttl == "" && length(one.push_config) == 0 && one.topic == "projects/demo-analyzer/topics/${one.name}"])
    error_message = "Dead letters wait 31 days for somebody to fetch them."
  }
}

run "the_clock" {
  assert {
    condition     = google_cloud_scheduler_job.tick.schedule == "* * * * *" && google_cloud_scheduler_job.tick.http_target[0].http_method == "POST" && google_cloud_scheduler_job.tick.http_target[0].uri == "https://watch-abcdefghij-ey.a.run.app" && google_cloud_scheduler_job.tick.http_target[0].oidc_token[0].audience == google_cloud_scheduler_job.tick.http_target[0].uri
    error_message = "watch is called each minute, with a token for its address."
  }

  assert {
    condition     = google_cloud_scheduler_job.summary[0].pubsub_target[0].attributes == tomap({ incident = "daily-summary" }) && google_cloud_scheduler_job.summary[0].pubsub_target[0].data == base64encode("look")
    error_message = "The summary is asked for as reconcile reads it: a name and data that are not empty."
  }

  assert {
    condition     = google_cloud_scheduler_job.summary[0].time_zone == "UTC" && google_cloud_scheduler_job.summary[0].pubsub_target[0].topic_name == "projects/demo-analyzer/topics/incident-changes"
    error_message = "The summary goes to incident-changes, by the operator's clock."
  }
}

run "no_summary_in_a_zone_of_ones_own" {
  variables {
    summary_schedule = null
    time_zone        = "Europe/Berlin"
  }

  assert {
    condition     = length(google_cloud_scheduler_job.summary) == 0 && google_cloud_scheduler_job.tick.time_zone == "Etc/UTC"
    error_message = "Without a schedule nobody asks for a summary; the tick goes on."
  }
}
