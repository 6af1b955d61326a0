# The functions: what runs them, what caps them, who reaches them, what they are told.

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

run "what_runs_them" {
  assert {
    condition     = toset(keys(google_cloudfunctions2_function.this)) == toset(["classify", "diagnose", "history", "reconcile", "slack", "watch"])
    error_message = "Six functions."
  }

  assert {
    condition     = alltrue([for name, one in google_cloudfunctions2_function.this : one.build_config[0].runtime == "nodejs24" && one.build_config[0].entry_point == name && one.name == "mesh-triage-${name}"])
    error_message = "Each runs on Node 24 under its own name, with the entry point that functions/config.ts knows."
  }

  assert {
    condition     = alltrue([for one in google_cloudfunctions2_function.this : one.build_config[0].environment_variables == tomap({ GOOGLE_NODE_RUN_SCRIPTS = "" }) && one.build_config[0].service_account != ""])
    error_message = "The build runs no script and has an account of its own."
  }

  assert {
    condition     = alltrue([for one in google_cloudfunctions2_function.this : one.build_config[0].source[0].storage_source[0].object == "mesh-triage-${filesha256("tests/source.zip")}.zip"])
    error_message = "The object's name holds the zip's hash, so that another zip deploys."
  }

  assert {
    condition     = alltrue([for one in google_cloudfunctions2_function.this : length(one.event_trigger) == 0])
    error_message = "Nothing is woken by Eventarc: it has neither dead letters nor an order."
  }
}

run "what_caps_them" {
  assert {
    condition     = alltrue([for one in google_cloudfunctions2_function.this : one.service_config[0].max_instance_count >= 1 && one.service_config[0].max_instance_count <= 4 && one.service_config[0].min_instance_count == 0])
    error_message = "Every function has a cap, and none is kept warm unasked."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["watch"].service_config[0].max_instance_count == 1 && google_cloudfunctions2_function.this["watch"].service_config[0].max_instance_request_concurrency == 1
    error_message = "Ticks never run side by side."
  }

  assert {
    condition     = alltrue([for one in google_cloudfunctions2_function.this : tonumber(one.service_config[0].available_cpu) >= 1])
    error_message = "More than one request at a time needs a whole CPU."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["classify"].service_config[0].max_instance_request_concurrency >= 50
    error_message = "classify batches across requests: it needs many of them on one instance."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["classify"].service_config[0].environment_variables.NODE_OPTIONS == "--max-old-space-size=512" && google_cloudfunctions2_function.this["classify"].service_config[0].available_memory == "1Gi"
    error_message = "The heap of classify ends well below its memory."
  }
}

run "who_reaches_them" {
  assert {
    condition     = { for name, one in google_cloudfunctions2_function.this : name => one.service_config[0].ingress_settings } == { classify = "ALLOW_INTERNAL_ONLY", diagnose = "ALLOW_INTERNAL_ONLY", history = "ALLOW_INTERNAL_ONLY", reconcile = "ALLOW_INTERNAL_ONLY", slack = "ALLOW_ALL", watch = "ALLOW_INTERNAL_ONLY" }
    error_message = "Only slack is reached from the internet."
  }

  assert {
    condition     = google_cloud_run_v2_service_iam_member.slack.name == "mesh-triage-slack" && length(google_cloud_run_v2_service_iam_member.history) == 0
    error_message = "Only slack may be called by everybody; nobody reads the history unasked."
  }
}

run "a_history_for_some" {
  variables {
    history = { ingress = "ALLOW_ALL", invokers = ["group:mesh@example.com"], url = "https://mesh.example.com/" }
  }

  assert {
    condition     = google_cloudfunctions2_function.this["history"].service_config[0].ingress_settings == "ALLOW_ALL" && google_cloud_run_v2_service_iam_member.history["group:mesh@example.com"].role == "roles/run.invoker" && google_cloud_run_v2_service_iam_member.history["group:mesh@example.com"].name == "mesh-triage-history"
    error_message = "The history is reached from where its variable says, by whom it says."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["reconcile"].service_config[0].environment_variables.HISTORY_URL == "https://mesh.example.com/" && output.history_url == "https://mesh.example.com/"
    error_message = "Slack's button opens the address that was given."
  }
}

run "a_history_for_all_is_refused" {
  command = plan

  variables {
    history = { invokers = ["allUsers"] }
  }

  expect_failures = [var.history]
}

run "what_they_are_told" {
  assert {
    condition     = google_cloudfunctions2_function.this["reconcile"].service_config[0].environment_variables.HISTORY_URL == "https://mesh-triage-history-123456789012.europe-west3.run.app/"
    error_message = "Slack's button opens the function's own address."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["reconcile"].service_config[0].environment_variables.SLACK_ROUTES == "[]"
    error_message = "No route is an empty list."
  }

  assert {
    condition     = alltrue([for one in google_cloudfunctions2_function.this : one.service_config[0].environment_variables.GOOGLE_CLOUD_PROJECT == "demo-analyzer" && one.service_config[0].environment_variables.FIRESTORE_DATABASE == "(default)"])
    error_message = "Every function knows its project and database."
  }

  assert {
    condition     = length(setintersection(flatten([for one in google_cloudfunctions2_function.this : keys(one.service_config[0].environment_variables)]), ["GOOGLE_API_BASE", "SLACK_API_URL", "SLACK_SIGNING_SECRET", "SLACK_TOKEN"])) == 0
    error_message = "No function is sent to a stand-in, and no secret stands in plain sight."
  }

  assert {
    condition     = alltrue([for one in google_cloudfunctions2_function.this : alltrue([for value in values(one.service_config[0].environment_variables) : value != ""])])
    error_message = "What is not set is left out."
  }
}

run "secrets" {
  assert {
    condition     = { for name, one in google_cloudfunctions2_function.this : name => join(" ", one.service_config[0].secret_environment_variables[*].key) } == { classify = "", diagnose = "", history = "", reconcile = "SLACK_TOKEN", slack = "SLACK_SIGNING_SECRET", watch = "" }
    error_message = "reconcile knows the token, slack the signing secret, and nobody else either."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["slack"].service_config[0].secret_environment_variables[0].secret == "mesh-triage-slack-signing-secret" && google_cloudfunctions2_function.this["slack"].service_config[0].secret_environment_variables[0].version == "1"
    error_message = "A secret is read in one pinned version."
  }
}

run "routes_and_versions" {
  variables {
    secret_versions = { slack_token = "3" }
    slack = {
      channel = "C0123456789"
      routes  = [{ severity = ["critical"], channel = "C0123ONCALL" }, { scope = { network = "test-*" }, channel = "C0123TEST" }]
    }
  }

  assert {
    condition     = jsondecode(google_cloudfunctions2_function.this["reconcile"].service_config[0].environment_variables.SLACK_ROUTES) == [{ severity = ["critical"], channel = "C0123ONCALL" }, { scope = { network = "test-*" }, channel = "C0123TEST" }]
    error_message = "Routes are told as they were given, without what they leave out."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["reconcile"].service_config[0].secret_environment_variables[0].version == "3"
    error_message = "A raised version is deployed."
  }
}

run "the_latest_version_is_refused" {
  command = plan

  variables {
    secret_versions = { slack_token = "latest" }
  }

  expect_failures = [var.secret_versions]
}

run "a_channel_by_name_is_refused" {
  command = plan

  variables {
    slack = { channel = "#mesh" }
  }

  expect_failures = [var.slack]
}

run "a_source_that_is_not_there_is_refused" {
  command = plan

  variables {
    source_archive = "tests/nothing.zip"
  }

  expect_failures = [var.source_archive]
}
