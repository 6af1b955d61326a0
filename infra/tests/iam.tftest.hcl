# Who may do what: one identity per function, grants on resources, conditions where there are none.

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

# The mock gives every account the same address: here each has its own.
override_resource {
  target = google_service_account.this["build"]
  values = {
    email  = "mesh-triage-build@demo-analyzer.iam.gserviceaccount.com"
    member = "serviceAccount:mesh-triage-build@demo-analyzer.iam.gserviceaccount.com"
    name   = "projects/demo-analyzer/serviceAccounts/mesh-triage-build@demo-analyzer.iam.gserviceaccount.com"
  }
}

override_resource {
  target = google_service_account.this["classify"]
  values = {
    email  = "mesh-triage-classify@demo-analyzer.iam.gserviceaccount.com"
    member = "serviceAccount:mesh-triage-classify@demo-analyzer.iam.gserviceaccount.com"
    name   = "projects/demo-analyzer/serviceAccounts/mesh-triage-classify@demo-analyzer.iam.gserviceaccount.com"
  }
}

override_resource {
  target = google_service_account.this["diagnose"]
  values = {
    email  = "mesh-triage-diagnose@demo-analyzer.iam.gserviceaccount.com"
    member = "serviceAccount:mesh-triage-diagnose@demo-analyzer.iam.gserviceaccount.com"
    name   = "projects/demo-analyzer/serviceAccounts/mesh-triage-diagnose@demo-analyzer.iam.gserviceaccount.com"
  }
}

override_resource {
  target = google_service_account.this["history"]
  values = {
    email  = "mesh-triage-history@demo-analyzer.iam.gserviceaccount.com"
    member = "serviceAccount:mesh-triage-history@demo-analyzer.iam.gserviceaccount.com"
    name   = "projects/demo-analyzer/serviceAccounts/mesh-triage-history@demo-analyzer.iam.gserviceaccount.com"
  }
}

override_resource {
  target = google_service_account.this["push"]
  values = {
    email  = "mesh-triage-push@demo-analyzer.iam.gserviceaccount.com"
    member = "serviceAccount:mesh-triage-push@demo-analyzer.iam.gserviceaccount.com"
    name   = "projects/demo-analyzer/serviceAccounts/mesh-triage-push@demo-analyzer.iam.gserviceaccount.com"
  }
}

override_resource {
  target = google_service_account.this["reconcile"]
  values = {
    email  = "mesh-triage-reconcile@demo-analyzer.iam.gserviceaccount.com"
    member = "serviceAccount:mesh-triage-reconcile@demo-analyzer.iam.gserviceaccount.com"
    name   = "projects/demo-analyzer/serviceAccounts/mesh-triage-reconcile@demo-analyzer.iam.gserviceaccount.com"
  }
}

override_resource {
  target = google_service_account.this["scheduler"]
  values = {
    email  = "mesh-triage-scheduler@demo-analyzer.iam.gserviceaccount.com"
    member = "serviceAccount:mesh-triage-scheduler@demo-analyzer.iam.gserviceaccount.com"
    name   = "projects/demo-analyzer/serviceAccounts/mesh-triage-scheduler@demo-analyzer.iam.gserviceaccount.com"
  }
}

override_resource {
  target = google_service_account.this["slack"]
  values = {
    email  = "mesh-triage-slack@demo-analyzer.iam.gserviceaccount.com"
    member = "serviceAccount:mesh-triage-slack@demo-analyzer.iam.gserviceaccount.com"
    name   = "projects/demo-analyzer/serviceAccounts/mesh-triage-slack@demo-analyzer.iam.gserviceaccount.com"
  }
}

override_resource {
  target = google_service_account.this["watch"]
  values = {
    email  = "mesh-triage-watch@demo-analyzer.iam.gserviceaccount.com"
    member = "serviceAccount:mesh-triage-watch@demo-analyzer.iam.gserviceaccount.com"
    name   = "projects/demo-analyzer/serviceAccounts/mesh-triage-watch@demo-analyzer.iam.gserviceaccount.com"
  }
}

run "identities" {
  assert {
    condition     = alltrue([for name, one in google_cloudfunctions2_function.this : one.service_config[0].service_account_email == "mesh-triage-${name}@demo-analyzer.iam.gserviceaccount.com"])
    error_message = "Each function runs under its own account."
  }

  assert {
    condition     = toset(keys(google_service_account.this)) == toset(["build", "classify", "diagnose", "history", "push", "reconcile", "scheduler", "slack", "watch"])
    error_message = "One account per function, and one each for pushes, the clock and the build."
  }
}

run "callers" {
  assert {
    condition     = toset(keys(google_cloud_run_v2_service_iam_member.push)) == toset(["classify", "diagnose", "reconcile"]) && alltrue([for name, one in google_cloud_run_v2_service_iam_member.push : one.name == "mesh-triage-${name}" && one.member == "serviceAccount:mesh-triage-push@demo-analyzer.iam.gserviceaccount.com" && one.role == "roles/run.invoker"])
    error_message = "Pub/Sub's pushes reach the three functions that it wakes, and no other."
  }

  assert {
    condition     = google_cloud_run_v2_service_iam_member.scheduler.name == "mesh-triage-watch" && google_cloud_run_v2_service_iam_member.scheduler.member == "serviceAccount:mesh-triage-scheduler@demo-analyzer.iam.gserviceaccount.com"
    error_message = "The clock reaches watch alone."
  }

  assert {
    condition     = google_service_account_iam_member.push_token.service_account_id == "projects/demo-analyzer/serviceAccounts/mesh-triage-push@demo-analyzer.iam.gserviceaccount.com" && google_service_account_iam_member.push_token.role == "roles/iam.serviceAccountTokenCreator" && google_service_account_iam_member.push_token.member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
    error_message = "Pub/Sub may make tokens of the one account that pushes, not of all."
  }
}

run "firestore" {
  assert {
    condition     = alltrue([for name, one in google_project_iam_member.firestore : one.member == "serviceAccount:mesh-triage-${name}@demo-analyzer.iam.gserviceaccount.com" && one.condition[0].expression == "resource.name == \"projects/demo-analyzer/databases/(default)\""])
    error_message = "Every grant on Firestore names its one database."
  }

  assert {
    condition     = google_project_iam_member.firestore["history"].role == "roles/datastore.viewer"
    error_message = "history only reads."
  }

  assert {
    condition     = google_project_iam_member.firestore["classify"].role == "projects/demo-analyzer/roles/mock" && length([for permission in google_project_iam_custom_role.sighting_writer.permissions : permission if can(regex("(update|delete)", permission))]) == 0 && contains(google_project_iam_custom_role.sighting_writer.permissions, "datastore.entities.create")
    error_message = "classify creates, and can neither change nor delete."
  }
}

run "publishers_and_secrets" {
  assert {
    condition     = toset(keys(google_pubsub_topic_iam_member.nudges)) == toset(["classify", "diagnose", "reconcile", "slack", "watch"]) && alltrue([for name, one in google_pubsub_topic_iam_member.nudges : one.topic == "incident-changes" && one.role == "roles/pubsub.publisher" && one.member == "serviceAccount:mesh-triage-${name}@demo-analyzer.iam.gserviceaccount.com"])
    error_message = "Who nudges may publish to incident-changes, and to that topic alone."
  }

  assert {
    condition     = { for name, one in google_secret_manager_secret_iam_member.reader : name => one.member } == { SLACK_SIGNING_SECRET = "serviceAccount:mesh-triage-slack@demo-analyzer.iam.gserviceaccount.com", SLACK_TOKEN = "serviceAccount:mesh-triage-reconcile@demo-analyzer.iam.gserviceaccount.com" }
    error_message = "Each secret is read by one function."
  }
}

run "the_build" {
  assert {
    condition     = google_project_iam_member.build_source.condition[0].expression == "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-123456789012-europe-west3\")" && google_project_iam_member.build_source.role == "roles/storage.objectViewer"
    error_message = "The build reads Cloud Functions' sources and no other bucket."
  }

  assert {
    condition     = google_artifact_registry_repository_iam_member.build.role == "roles/artifactregistry.writer" && google_artifact_registry_repository_iam_member.build.member == "serviceAccount:mesh-triage-build@demo-analyzer.iam.gserviceaccount.com"
    error_message = "The build writes into its one repository."
  }
}
