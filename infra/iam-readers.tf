# What diagnose and watch may read in the observed projects: single permissions, nothing that writes. docs/checks.md
# tells which check needs which; the APIs have no narrower place to grant them on.

locals {
  reader_permissions = {
    diagnose = [
      "compute.backendServices.get",
      "compute.backendServices.list",
      "compute.firewalls.list",
      "compute.globalForwardingRules.list",
      "compute.instanceGroupManagers.get",
      "compute.instances.get",
      "compute.instances.getGuestAttributes",
      "compute.routers.list",
      "compute.routes.list",
      "compute.subnetworks.get",
      # The lines around an incident's first one.
      "logging.logEntries.list",
      "networkservices.gateways.list",
      "networkservices.meshes.list",
      "resourcemanager.projects.getIamPolicy",
      "serviceusage.services.get",
    ]
    watch = [
      "compute.instances.getGuestAttributes",
      "compute.instances.list",
      "monitoring.timeSeries.list",
    ]
  }

  observed_projects = var.scope.type == "project" ? toset(concat([var.scope.id], local.fleet_projects)) : toset([])

  # Reader and project, where projects are observed one by one.
  project_readers = merge([
    for project in local.observed_projects : {
      for reader in keys(local.reader_permissions) : "${reader}/${project}" => { project = project, reader = reader }
    }
  ]...)

  # A role that is granted on a folder must belong to its organisation.
  reader_organization_id = var.scope.type == "organization" ? var.scope.id : var.scope.organization_id

  organization_reader_roles = var.reader_roles != null ? var.reader_roles : {
    for reader, role in google_organization_iam_custom_role.reader : reader => role.name
  }
}

resource "google_project_iam_custom_role" "reader" {
  for_each = var.reader_roles == null ? local.project_readers : {}

  project     = each.value.project
  role_id     = "meshTriage${title(each.value.reader)}"
  title       = "mesh-triage: ${each.value.reader}"
  description = "What function ${each.value.reader} of mesh-triage in ${var.project_id} reads"
  permissions = local.reader_permissions[each.value.reader]

  depends_on = [google_project_service.this]
}

resource "google_project_iam_member" "reader" {
  for_each = local.project_readers

  project = each.value.project
  role    = var.reader_roles == null ? google_project_iam_custom_role.reader[each.key].name : var.reader_roles[each.value.reader]
  member  = google_service_account.this[each.value.reader].member
}

resource "google_organization_iam_custom_role" "reader" {
  for_each = var.scope.type != "project" && var.reader_roles == null ? local.reader_permissions : {}

  org_id      = local.reader_organization_id
  role_id     = "meshTriage${title(each.key)}"
  title       = "mesh-triage: ${each.key}"
  description = "What function ${each.key} of mesh-triage in ${var.project_id} reads"
  permissions = each.value
}

resource "google_folder_iam_member" "reader" {
  for_each = var.scope.type == "folder" ? local.reader_permissions : {}

  folder = "folders/${var.scope.id}"
  role   = local.organization_reader_roles[each.key]
  member = google_service_account.this[each.key].member
}

resource "google_organization_iam_member" "reader" {
  for_each = var.scope.type == "organization" ? local.reader_permissions : {}

  org_id = var.scope.id
  role   = local.organization_reader_roles[each.key]
  member = google_service_account.this[each.key].member
}
