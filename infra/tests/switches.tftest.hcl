# What an operator may turn on and off.

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

run "by_default" {
  assert {
    condition     = google_firestore_database.this.name == "(default)" && google_firestore_database.this.location_id == "europe-west3" && google_firestore_database.this.delete_protection_state == "DELETE_PROTECTION_ENABLED" && google_firestore_database.this.deletion_policy == "ABANDON" && google_firestore_database.this.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_DISABLED"
    error_message = "The database lies in the region and can't be deleted by mistake."
  }

  assert {
    condition     = google_firebaserules_release.firestore.name == "cloud.firestore" && strcontains(google_firebaserules_ruleset.deny_all.source[0].files[0].content, "allow read, write: if false;") && length(regexall("allow ", google_firebaserules_ruleset.deny_all.source[0].files[0].content)) == 1
    error_message = "The rules refuse every client."
  }

  assert {
    condition     = alltrue([for one in google_firestore_field.expiring : length(one.ttl_config) == 1 && length(one.index_config) == 1 && length(one.index_config[0].indexes) == 0]) && toset(keys(google_firestore_field.expiring)) == toset(["ids.expireAt", "parked.expireAt"])
    error_message = "Ids and parked messages expire, by a time that is not indexed."
  }

  assert {
    condition     = google_firestore_field.indexed["sightings.target"].index_config[0].indexes != null && length(google_firestore_field.unindexed["sightings.*"].index_config[0].indexes) == 0
    error_message = "Of a sighting only its target is indexed: all else grows or is large."
  }

  assert {
    condition     = length(google_logging_project_exclusion.own_requests) == 1 && strcontains(google_logging_project_exclusion.own_requests[0].filter, "httpRequest.status<300") && strcontains(google_logging_project_exclusion.own_requests[0].filter, "(classify|diagnose|history|reconcile|slack|watch)")
    error_message = "Logs of the functions' own successes are not kept."
  }

  assert {
    condition     = google_storage_bucket.source.public_access_prevention == "enforced" && google_storage_bucket.source.uniform_bucket_level_access && google_storage_bucket.source.versioning[0].enabled && length(google_storage_bucket.source.encryption) == 0
    error_message = "The source is private, versioned, and under Google's key."
  }

  assert {
    condition     = alltrue([for one in google_pubsub_topic.this : one.kms_key_name == null]) && length(google_os_config_os_policy_assignment.ops_agent) == 0
    error_message = "Neither keys nor the Ops Agent unasked."
  }

  assert {
    condition     = alltrue([for one in google_project_service.this : !one.disable_on_destroy])
    error_message = "Destroying the analyzer takes no API away from others."
  }
}

run "alerts" {
  variables {
    alert_channels = ["projects/demo-analyzer/notificationChannels/1"]
  }

  assert {
    condition     = toset(keys(google_monitoring_alert_policy.threshold)) == toset(["dead-letters", "oldest-message", "refused-pushes", "sink-errors"]) && toset(keys(google_monitoring_alert_policy.absence)) == toset(["silence-of-the-sink", "silence-of-watch"]) && toset(keys(google_monitoring_alert_policy.log)) == toset(["function-errors", "slack-refusals"])
    error_message = "An alert for each way in which the analyzer can be unwell."
  }

  assert {
    condition     = alltrue([for one in concat(values(google_monitoring_alert_policy.threshold), values(google_monitoring_alert_policy.absence), values(google_monitoring_alert_policy.log)) : one.notification_channels == tolist(["projects/demo-analyzer/notificationChannels/1"]) && length(one.documentation[0].content) > 40])
    error_message = "Every alert is heard, and says what it means."
  }

  assert {
    condition     = alltrue([for one in concat(values(google_monitoring_alert_policy.threshold)[*].conditions[0].condition_threshold[0].filter, values(google_monitoring_alert_policy.absence)[*].conditions[0].condition_absent[0].filter) : length(one) <= 2048 && strcontains(one, "resource.type=") && strcontains(one, "metric.type=")])
    error_message = "Monitoring takes filters of 2,048 characters that name a resource and a metric."
  }

  assert {
    condition     = alltrue([for one in values(google_monitoring_alert_policy.absence) : tonumber(trimsuffix(one.conditions[0].condition_absent[0].duration, "s")) <= 84600])
    error_message = "Monitoring waits 23.5 hours at most for what is absent."
  }

  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles) == 10 && length(distinct([for tile in jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles : "${tile.xPos},${tile.yPos}"])) == 10
    error_message = "Ten charts, none upon another."
  }
}

run "a_quiet_fleet" {
  variables {
    silent_after_seconds = null
  }

  assert {
    condition     = keys(google_monitoring_alert_policy.absence) == ["silence-of-watch"]
    error_message = "Who expects silence is not woken by it; a tick that stops still is."
  }
}

run "a_silence_that_monitoring_can_not_wait_for_is_refused" {
  command = plan

  variables {
    silent_after_seconds = 90000
  }

  expect_failures = [var.silent_after_seconds]
}

run "request_logs" {
  variables {
    keep_request_logs = true
  }

  assert {
    condition     = length(google_logging_project_exclusion.own_requests) == 0
    error_message = "Who wants the request logs keeps them."
  }
}

run "a_database_of_its_own" {
  variables {
    firestore = { database = "mesh-triage", location = "eur3", delete_protection = false, point_in_time_recovery = true }
  }

  assert {
    condition     = google_firestore_database.this.name == "mesh-triage" && google_firestore_database.this.location_id == "eur3" && google_firestore_database.this.deletion_policy == "DELETE" && google_firestore_database.this.delete_protection_state == "DELETE_PROTECTION_DISABLED" && google_firestore_database.this.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED"
    error_message = "The database is as the operator says."
  }

  assert {
    condition     = google_firebaserules_release.firestore.name == "cloud.firestore/mesh-triage" && google_cloudfunctions2_function.this["history"].service_config[0].environment_variables.FIRESTORE_DATABASE == "mesh-triage" && google_project_iam_member.firestore["slack"].condition[0].expression == "resource.name == \"projects/demo-analyzer/databases/mesh-triage\""
    error_message = "Rules, functions and grants follow it."
  }

  assert {
    condition     = alltrue([for one in concat(values(google_firestore_field.unindexed), values(google_firestore_field.indexed), values(google_firestore_field.expiring)) : one.database == "mesh-triage"]) && alltrue([for one in google_firestore_index.this : one.database == "mesh-triage"])
    error_message = "So do its indexes."
  }
}

run "keys_of_ones_own" {
  variables {
    firestore    = { kms_key_name = "projects/demo-keys/locations/eur3/keyRings/mesh/cryptoKeys/firestore" }
    kms_key_name = "projects/demo-keys/locations/europe-west3/keyRings/mesh/cryptoKeys/triage"
  }

  assert {
    condition     = alltrue([for one in concat(values(google_pubsub_topic.this), values(google_pubsub_topic.dead), values(google_cloudfunctions2_function.this)) : one.kms_key_name == "projects/demo-keys/locations/europe-west3/keyRings/mesh/cryptoKeys/triage"])
    error_message = "Topics, dead letters and functions use the key."
  }

  assert {
    condition     = google_storage_bucket.source.encryption[0].default_kms_key_name == var.kms_key_name && google_artifact_registry_repository.images.kms_key_name == var.kms_key_name && alltrue([for one in google_secret_manager_secret.this : one.replication[0].user_managed[0].replicas[0].customer_managed_encryption[0].kms_key_name == var.kms_key_name])
    error_message = "Source, images and secrets use the key."
  }

  assert {
    condition     = google_firestore_database.this.cmek_config[0].kms_key_name == "projects/demo-keys/locations/eur3/keyRings/mesh/cryptoKeys/firestore"
    error_message = "Firestore has a key in its own location."
  }
}

run "the_ops_agent" {
  variables {
    ops_agent = { zones = ["europe-west3-a", "europe-west3-b"] }
  }

  assert {
    condition     = toset(keys(google_os_config_os_policy_assignment.ops_agent)) == toset(["europe-west3-a", "europe-west3-b"]) && alltrue([for zone, one in google_os_config_os_policy_assignment.ops_agent : one.location == zone && one.project == "demo-mesh"])
    error_message = "One policy in each zone, where the VMs are."
  }

  assert {
    condition     = google_os_config_os_policy_assignment.ops_agent["europe-west3-a"].instance_filter[0].inclusion_labels[0].labels == tomap({ gce-service-proxy = "on" }) && google_os_config_os_policy_assignment.ops_agent["europe-west3-a"].instance_filter[0].all == false
    error_message = "Only VMs of the mesh are touched."
  }

  assert {
    condition     = alltrue([for group in google_os_config_os_policy_assignment.ops_agent["europe-west3-a"].os_policies[0].resource_groups : group.resources[2].file[0].path == "/etc/google-cloud-ops-agent/config.yaml" && group.resources[2].file[0].content == output.ops_agent_config])
    error_message = "Every system gets the configuration."
  }

  assert {
    condition     = yamldecode(output.ops_agent_config).logging.receivers.envoy_err.include_paths == ["/var/log/envoy/envoy.err.log*"] && yamldecode(output.ops_agent_config).logging.service.pipelines.envoy.receivers == ["envoy_err"] && strcontains(output.sink_filter, "log_id(\"envoy_err\")")
    error_message = "The receiver's id is the log's id, which the sink lets through."
  }

  assert {
    condition     = length(output.ops_agent_config) <= 1024
    error_message = "OS Config takes 1,024 characters."
  }
}

run "an_ops_agent_of_nobody_s_project_is_refused" {
  command = plan

  variables {
    ops_agent = { zones = ["europe-west3-a"] }
    scope     = { type = "organization", id = "210987654321" }
  }

  expect_failures = [var.ops_agent]
}

run "labels" {
  variables {
    labels = { team = "mesh" }
  }

  assert {
    condition     = google_monitoring_alert_policy.threshold["dead-letters"].user_labels == tomap({ app = "mesh-triage", team = "mesh" })
    error_message = "Everything can be found by its labels."
  }
}
