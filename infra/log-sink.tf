# One sink of the observed project, folder or organisation into topic `log-entries`.
# Never intercept_children: the sinks of the projects below must go on seeing what is theirs.

locals {
  sink_name        = "mesh-triage"
  sink_destination = "pubsub.googleapis.com/${google_pubsub_topic.this["log-entries"].id}"

  # Comments of the file are for people: they would only use up the filter's 20,000 characters.
  _sink_filter_lines = [for line in split("\n", file("${path.module}/sink-filter.txt")) : line if !startswith(trimspace(line), "--") && trimspace(line) != ""]
  _sink_filter       = join("\n", local._sink_filter_lines)
  sink_filter        = var.extra_log_filter == "" ? local._sink_filter : "(${local._sink_filter})\nOR (${var.extra_log_filter})"

  # What the functions write must never come back as an entry, whatever extra_log_filter says. Nor may what Pub/Sub,
  # Cloud Run and Cloud Build say of them.
  sink_exclusions = {
    own-functions = {
      description = "What functions write, those of mesh-triage first of all"
      filter      = "resource.type=\"cloud_run_revision\""
    }
    own-builds = {
      description = "What builds write"
      filter      = "resource.type=\"build\" OR resource.type=\"cloud_function\""
    }
  }

  sink_writer = one(concat(
    google_logging_project_sink.this[*].writer_identity,
    google_logging_folder_sink.this[*].writer_identity,
    google_logging_organization_sink.this[*].writer_identity,
  ))
}

resource "google_logging_project_sink" "this" {
  count = var.scope.type == "project" ? 1 : 0

  project                = var.scope.id
  name                   = local.sink_name
  description            = "Envoy and service-proxy-agent entries for mesh-triage in ${var.project_id}"
  destination            = local.sink_destination
  filter                 = local.sink_filter
  unique_writer_identity = true

  dynamic "exclusions" {
    for_each = local.sink_exclusions
    content {
      name        = exclusions.key
      description = exclusions.value.description
      filter      = exclusions.value.filter
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_logging_folder_sink" "this" {
  count = var.scope.type == "folder" ? 1 : 0

  folder           = var.scope.id
  name             = local.sink_name
  description      = "Envoy and service-proxy-agent entries for mesh-triage in ${var.project_id}"
  destination      = local.sink_destination
  filter           = local.sink_filter
  include_children = true

  dynamic "exclusions" {
    for_each = local.sink_exclusions
    content {
      name        = exclusions.key
      description = exclusions.value.description
      filter      = exclusions.value.filter
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_logging_organization_sink" "this" {
  count = var.scope.type == "organization" ? 1 : 0

  org_id           = var.scope.id
  name             = local.sink_name
  description      = "Envoy and service-proxy-agent entries for mesh-triage in ${var.project_id}"
  destination      = local.sink_destination
  filter           = local.sink_filter
  include_children = true

  dynamic "exclusions" {
    for_each = local.sink_exclusions
    content {
      name        = exclusions.key
      description = exclusions.value.description
      filter      = exclusions.value.filter
    }
  }

  depends_on = [google_project_service.this]
}

# Every entry makes a push, and every push a request log of about 1 kB: the analyzer would pay more for what Cloud Run
# says of it than for what it does.
resource "google_logging_project_exclusion" "own_requests" {
  count = var.keep_request_logs ? 0 : 1

  project     = var.project_id
  name        = "mesh-triage-requests"
  description = "Request logs of mesh-triage's functions that say that all went well"
  filter      = <<-EOT
    resource.type="cloud_run_revision"
    AND resource.labels.service_name=~"^mesh-triage-(${join("|", keys(local.functions))})$"
    AND log_id("run.googleapis.com/requests")
    AND httpRequest.status>=200 AND httpRequest.status<300
  EOT

  depends_on = [google_project_service.this]
}
