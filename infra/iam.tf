# Who may do what. One service account per function, and one each for pushes, the clock and the build; grants on the
# resource itself wherever it can carry one. What is left at the project says why.

locals {
  service_accounts = {
    build     = "builds the functions' images"
    classify  = "function classify"
    diagnose  = "function diagnose"
    history   = "function history"
    push      = "Pub/Sub, when it pushes to the functions"
    reconcile = "function reconcile"
    scheduler = "Cloud Scheduler, when it wakes watch"
    slack     = "function slack"
    watch     = "function watch"
  }

  # What a function does in Firestore. classify only ever creates: no log line can make it change or remove anything.
  firestore_roles = {
    classify  = google_project_iam_custom_role.sighting_writer.name
    diagnose  = "roles/datastore.user"
    history   = "roles/datastore.viewer"
    reconcile = "roles/datastore.user"
    slack     = "roles/datastore.user"
    watch     = "roles/datastore.user"
  }
}

resource "google_service_account" "this" {
  for_each = local.service_accounts

  project      = var.project_id
  account_id   = "mesh-triage-${each.key}"
  display_name = "mesh-triage: ${each.value}"

  depends_on = [google_project_service.this]
}

# --- Firestore: it knows no grants below the project, so a condition names the one database.

resource "google_project_iam_custom_role" "sighting_writer" {
  project     = var.project_id
  role_id     = "meshTriageSightingWriter"
  title       = "mesh-triage: creates sightings"
  description = "Creates documents, reads patterns of the user's own, changes and deletes nothing"
  permissions = [
    "datastore.databases.get",
    "datastore.entities.create",
    "datastore.entities.get",
    "datastore.entities.list",
  ]

  depends_on = [google_project_service.this]
}

resource "google_project_iam_member" "firestore" {
  for_each = local.firestore_roles

  project = var.project_id
  role    = each.value
  member  = google_service_account.this[each.key].member

  condition {
    title       = "mesh-triage-database"
    description = "Only the database of mesh-triage"
    expression  = "resource.name == \"projects/${var.project_id}/databases/${google_firestore_database.this.name}\""
  }
}

# --- Who may call the functions.

resource "google_service_account_iam_member" "push_token" {
  service_account_id = google_service_account.this["push"].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.pubsub_agent

  # Pub/Sub's service agent exists from the first topic on.
  depends_on = [google_pubsub_topic.this]
}

resource "google_cloud_run_v2_service_iam_member" "push" {
  for_each = toset(values(local.subscriptions)[*].function)

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.this[each.key].name
  role     = "roles/run.invoker"
  member   = google_service_account.this["push"].member
}

resource "google_cloud_run_v2_service_iam_member" "scheduler" {
  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.this["watch"].name
  role     = "roles/run.invoker"
  member   = google_service_account.this["scheduler"].member
}

resource "google_cloud_run_v2_service_iam_member" "history" {
  for_each = var.history.invokers

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.this["history"].name
  role     = "roles/run.invoker"
  member   = each.key
}

# Slack has no Google identity: its signature is checked by the function instead. Where an organisation policy refuses
# allUsers (iam.allowedPolicyMemberDomains), this project needs an exception.
resource "google_cloud_run_v2_service_iam_member" "slack" {
  #checkov:skip=CKV_GCP_102:Slack calls from the internet without a Google identity; the function refuses what Slack did not sign.
  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.this["slack"].name
  role     = "roles/run.invoker"
  member   = "allUsers"
}

# --- The build. It writes logs, which have no resource of their own to grant on; images into its one repository; and
# reads the copy of the source that Cloud Functions makes in a bucket of its own, which is not there before the first
# deploy: hence the condition on its name.

resource "google_project_iam_member" "build_logs" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.this["build"].member
}

resource "google_project_iam_member" "build_source" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = google_service_account.this["build"].member

  condition {
    title       = "function-sources"
    description = "Only the buckets in which Cloud Functions keeps sources"
    expression  = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${local.project_number}-${var.region}\")"
  }
}

resource "google_artifact_registry_repository_iam_member" "build" {
  project    = var.project_id
  location   = var.region
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.this["build"].member
}
