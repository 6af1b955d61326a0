# What is observed: one sink of the right kind, and readers where its projects are.

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

run "a_project" {
  assert {
    condition     = length(google_logging_project_sink.this) == 1 && length(google_logging_folder_sink.this) == 0 && length(google_logging_organization_sink.this) == 0
    error_message = "A project has one project sink and no other."
  }

  assert {
    condition     = google_logging_project_sink.this[0].project == "demo-mesh" && google_logging_project_sink.this[0].unique_writer_identity
    error_message = "The sink belongs to the observed project and writes under an identity of its own."
  }

  assert {
    condition     = google_logging_project_sink.this[0].filter == output.sink_filter && !strcontains(output.sink_filter, "--")
    error_message = "The sink takes what infra/sink-filter.txt says, without its comments."
  }

  assert {
    condition     = length(output.sink_filter) < 8000
    error_message = "The filter leaves room for extra_log_filter: 20,000 characters in all."
  }

  assert {
    condition     = contains(google_logging_project_sink.this[0].exclusions[*].filter, "resource.type=\"cloud_run_revision\"")
    error_message = "What functions write never comes back as an entry."
  }

  assert {
    condition     = google_pubsub_topic_iam_member.sink.member == "serviceAccount:service-111@gcp-sa-logging.iam.gserviceaccount.com" && google_pubsub_topic_iam_member.sink.topic == "log-entries" && google_pubsub_topic_iam_member.sink.role == "roles/pubsub.publisher"
    error_message = "The sink's writer may publish to log-entries."
  }

  assert {
    condition     = toset(keys(google_project_iam_custom_role.reader)) == toset(["diagnose/demo-mesh", "watch/demo-mesh"])
    error_message = "Both readers have a role in the observed project."
  }

  assert {
    condition     = google_project_iam_custom_role.reader["watch/demo-mesh"].project == "demo-mesh" && toset(google_project_iam_custom_role.reader["watch/demo-mesh"].permissions) == toset(["compute.instances.getGuestAttributes", "compute.instances.list", "monitoring.timeSeries.list"])
    error_message = "watch reads VMs, guest attributes and time series, nothing else."
  }

  assert {
    condition     = length(google_folder_iam_member.reader) == 0 && length(google_organization_iam_member.reader) == 0 && length(google_organization_iam_custom_role.reader) == 0
    error_message = "Nothing is granted above the project."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["watch"].service_config[0].environment_variables.FLEET_PROJECTS == "demo-mesh"
    error_message = "The fleet is that of the observed project where nothing is said."
  }
}

run "every_permission_of_a_reader_reads" {
  assert {
    condition     = alltrue([for permission in flatten(values(output.reader_permissions)) : can(regex("[.](get|list|getGuestAttributes|getIamPolicy)$", permission))])
    error_message = "A reader has a permission that is not for reading."
  }
}

run "several_projects_of_a_fleet" {
  variables {
    fleet = { projects = ["demo-mesh", "demo-shop"] }
  }

  assert {
    condition     = toset(keys(google_project_iam_member.reader)) == toset(["diagnose/demo-mesh", "diagnose/demo-shop", "watch/demo-mesh", "watch/demo-shop"])
    error_message = "Readers have a role in every project that is looked at, once."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["watch"].service_config[0].environment_variables.FLEET_PROJECTS == "demo-mesh,demo-shop"
    error_message = "watch is told of every project."
  }
}

run "a_folder" {
  variables {
    scope = { type = "folder", id = "222222222222", organization_id = "210987654321" }
  }

  assert {
    condition     = length(google_logging_folder_sink.this) == 1 && length(google_logging_project_sink.this) == 0 && length(google_logging_organization_sink.this) == 0
    error_message = "A folder has one folder sink and no other."
  }

  assert {
    condition     = google_logging_folder_sink.this[0].include_children && !coalesce(google_logging_folder_sink.this[0].intercept_children, false)
    error_message = "It includes what is below, and takes nothing away from the sinks there."
  }

  assert {
    condition     = google_logging_folder_sink.this[0].filter == output.sink_filter && length(google_logging_folder_sink.this[0].exclusions) == 2
    error_message = "It has the same filter and exclusions as any sink."
  }

  assert {
    condition     = google_pubsub_topic_iam_member.sink.member == "serviceAccount:service-folder-222222@gcp-sa-logging.iam.gserviceaccount.com"
    error_message = "The folder's writer may publish."
  }

  assert {
    condition     = toset(keys(google_folder_iam_member.reader)) == toset(["diagnose", "watch"]) && google_folder_iam_member.reader["watch"].folder == "folders/222222222222" && google_organization_iam_custom_role.reader["watch"].org_id == "210987654321"
    error_message = "Readers are let into the folder by roles of its organisation."
  }

  assert {
    condition     = length(google_project_iam_member.reader) == 0 && length(google_organization_iam_member.reader) == 0
    error_message = "Nothing is granted elsewhere."
  }

  assert {
    condition     = !contains(keys(google_cloudfunctions2_function.this["watch"].service_config[0].environment_variables), "FLEET_PROJECTS")
    error_message = "No fleet is looked at where none is named."
  }
}

run "an_organisation" {
  variables {
    scope = { type = "organization", id = "210987654321" }
  }

  assert {
    condition     = length(google_logging_organization_sink.this) == 1 && length(google_logging_project_sink.this) == 0 && length(google_logging_folder_sink.this) == 0
    error_message = "An organisation has one organisation sink and no other."
  }

  assert {
    condition     = google_logging_organization_sink.this[0].include_children && !coalesce(google_logging_organization_sink.this[0].intercept_children, false) && google_logging_organization_sink.this[0].org_id == "210987654321"
    error_message = "It includes what is below, and takes nothing away from the sinks there."
  }

  assert {
    condition     = google_logging_organization_sink.this[0].filter == output.sink_filter && length(google_logging_organization_sink.this[0].exclusions) == 2
    error_message = "It has the same filter and exclusions as any sink."
  }

  assert {
    condition     = google_pubsub_topic_iam_member.sink.member == "serviceAccount:service-org-333333@gcp-sa-logging.iam.gserviceaccount.com"
    error_message = "The organisation's writer may publish."
  }

  assert {
    condition     = toset(keys(google_organization_iam_member.reader)) == toset(["diagnose", "watch"]) && length(google_folder_iam_member.reader) == 0 && length(google_project_iam_member.reader) == 0
    error_message = "Readers are let into the organisation, and nowhere else besides."
  }
}

run "roles_that_somebody_else_made" {
  variables {
    scope        = { type = "folder", id = "222222222222" }
    reader_roles = { diagnose = "organizations/210987654321/roles/one", watch = "organizations/210987654321/roles/two" }
  }

  assert {
    condition     = length(google_organization_iam_custom_role.reader) == 0 && google_folder_iam_member.reader["watch"].role == "organizations/210987654321/roles/two"
    error_message = "Given roles are used and none is made."
  }
}

run "more_entries_that_somebody_wants" {
  variables {
    extra_log_filter = "log_id(\"GCEMetadataScripts\")"
  }

  assert {
    condition     = endswith(google_logging_project_sink.this[0].filter, "OR (log_id(\"GCEMetadataScripts\"))") && startswith(google_logging_project_sink.this[0].filter, "((")
    error_message = "Both filters stand in parentheses, so that neither changes the other."
  }
}

run "a_folder_without_its_organisation_is_refused" {
  command = plan

  variables {
    scope = { type = "folder", id = "222222222222" }
  }

  expect_failures = [var.scope]
}

run "a_project_by_its_number_is_refused" {
  command = plan

  variables {
    scope = { type = "project", id = "123456789012" }
  }

  expect_failures = [var.scope]
}

run "another_kind_of_scope_is_refused" {
  command = plan

  variables {
    scope = { type = "billing_account", id = "123456789012" }
  }

  expect_failures = [var.scope]
}
