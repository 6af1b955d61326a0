# The database, what it indexes and what it forgets. docs/schema.md tells what the documents hold.

resource "google_firestore_database" "this" {
  project                           = var.project_id
  name                              = var.firestore.database
  location_id                       = local.firestore_location
  type                              = "FIRESTORE_NATIVE"
  delete_protection_state           = var.firestore.delete_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.firestore.delete_protection ? "ABANDON" : "DELETE"
  point_in_time_recovery_enablement = var.firestore.point_in_time_recovery ? "POINT_IN_TIME_RECOVERY_ENABLED" : "POINT_IN_TIME_RECOVERY_DISABLED"

  dynamic "cmek_config" {
    for_each = var.firestore.kms_key_name[*]
    content {
      kms_key_name = cmek_config.value
    }
  }

  depends_on = [google_project_service.this]
}

locals {
  # Composite indexes: every query that compares a field and orders by another, or looks into an array beside. Firestore
  # may merge two of them that end alike, and sometimes will not where one compares with a list: each has its own.
  indexes = {
    # The overview: what overlaps a range, the latest first.
    episodes-ends-opened = {
      collection = "episodes"
      fields = [
        { path = "endsAt", order = "DESCENDING" },
        { path = "openedAt", order = "DESCENDING" },
      ]
    }
    # What hangs under an incident.
    incidents-explained-by-last-seen = {
      collection = "incidents"
      fields = [
        { path = "explainedBy", order = "ASCENDING" },
        { path = "lastSeenAt", order = "DESCENDING" },
      ]
    }
    # The list by pattern, in one state or in all.
    incidents-pattern-last-seen = {
      collection = "incidents"
      fields = [
        { path = "pattern", order = "ASCENDING" },
        { path = "lastSeenAt", order = "DESCENDING" },
      ]
    }
    incidents-pattern-state-last-seen = {
      collection = "incidents"
      fields = [
        { path = "pattern", order = "ASCENDING" },
        { path = "state", order = "ASCENDING" },
        { path = "lastSeenAt", order = "DESCENDING" },
      ]
    }
    # What explains an incident: reconcile asks for open causes in a project.
    incidents-projects-pattern-state = {
      collection = "incidents"
      fields = [
        { path = "projects", array = "CONTAINS" },
        { path = "pattern", order = "ASCENDING" },
        { path = "state", order = "ASCENDING" },
      ]
    }
    # The overview: what is not over, the most severe first.
    incidents-severity-state-last-seen = {
      collection = "incidents"
      fields = [
        { path = "severity", order = "ASCENDING" },
        { path = "state", order = "ASCENDING" },
        { path = "lastSeenAt", order = "DESCENDING" },
      ]
    }
    # The latest in a state: Slack's list, the history, the command line.
    incidents-state-last-seen = {
      collection = "incidents"
      fields = [
        { path = "state", order = "ASCENDING" },
        { path = "lastSeenAt", order = "DESCENDING" },
      ]
    }
    # The list by a word, a proxy, a network or a project, in one state or in all.
    incidents-tokens-last-seen = {
      collection = "incidents"
      fields = [
        { path = "tokens", array = "CONTAINS" },
        { path = "lastSeenAt", order = "DESCENDING" },
      ]
    }
    incidents-tokens-state-last-seen = {
      collection = "incidents"
      fields = [
        { path = "tokens", array = "CONTAINS" },
        { path = "state", order = "ASCENDING" },
        { path = "lastSeenAt", order = "DESCENDING" },
      ]
    }
  }

  # Firestore indexes every field of every document by itself, and an index on a time that only grows holds its whole
  # collection to 500 writes a second. Collections in which nearly nothing is asked for index nothing («*») but what is
  # named; elsewhere large maps and growing times are exempt. `ids` and `minutes` are collections of that name below any
  # document; `proxies` is the fleet's and the one below incidents.
  unindexed_fields = {
    boards    = ["*"]
    days      = ["*"]
    diagnoses = ["context", "contextAt", "faults", "ranAt"]
    episodes  = ["*"]
    ids       = ["*"]
    incidents = [
      "acknowledgedAt", "checks", "conclusion", "conclusionZhCn", "context", "fields", "fieldsAt", "firstSeenAt", "labels",
      "mutedUntil", "proxies", "proxyLeaves", "samples", "scope", "slack", "tokens", "updatedAt",
    ]
    ledgers  = ["firstSeenAt", "labels", "lastSeenAt"]
    minutes  = ["counts", "rolled"]
    parked   = ["*"]
    patterns = ["*"]
    proxies = [
      "beatAt", "failureSince", "heartbeat", "ids", "lastFailure", "proxyVersion", "seenAt", "unreadableSince", "vm",
    ]
    sightings = ["*"]
    sweeps    = ["*"]
  }

  # What is asked for in collections and maps that index nothing else, and over collections of one name.
  indexed_fields = {
    "episodes.toRoll"  = { collection = "episodes", field = "toRoll", orders = ["ASCENDING"] }
    "minutes.toRoll"   = { collection = "minutes", field = "toRoll", scope = "COLLECTION_GROUP", orders = ["ASCENDING"] }
    "proxies.vm.name"  = { collection = "proxies", field = "vm.name", orders = ["ASCENDING"] }
    "sightings.target" = { collection = "sightings", field = "target", orders = ["ASCENDING"] }
  }

  # Documents go by themselves a day or so after this time. Readers check it: expired ones are still returned.
  expiring_fields = {
    "ids.expireAt"    = { collection = "ids", field = "expireAt" }
    "parked.expireAt" = { collection = "parked", field = "expireAt" }
  }

  _unindexed_fields = merge([
    for collection, fields in local.unindexed_fields : {
      for field in fields : "${collection}.${field}" => { collection = collection, field = field }
    }
  ]...)
}

resource "google_firestore_index" "this" {
  for_each = local.indexes

  project     = var.project_id
  database    = google_firestore_database.this.name
  collection  = each.value.collection
  query_scope = try(each.value.scope, "COLLECTION")

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path   = fields.value.path
      order        = try(fields.value.order, null)
      array_config = try(fields.value.array, null)
    }
  }
}

resource "google_firestore_field" "unindexed" {
  for_each = local._unindexed_fields

  project    = var.project_id
  database   = google_firestore_database.this.name
  collection = each.value.collection
  field      = each.value.field

  index_config {}
}

resource "google_firestore_field" "indexed" {
  for_each = local.indexed_fields

  project    = var.project_id
  database   = google_firestore_database.this.name
  collection = each.value.collection
  field      = each.value.field

  index_config {
    dynamic "indexes" {
      for_each = each.value.orders
      content {
        order       = indexes.value
        query_scope = try(each.value.scope, "COLLECTION")
      }
    }
  }
}

resource "google_firestore_field" "expiring" {
  for_each = local.expiring_fields

  project    = var.project_id
  database   = google_firestore_database.this.name
  collection = each.value.collection
  field      = each.value.field

  index_config {}
  ttl_config {}
}

# The functions are let in by IAM; whoever comes with a browser or a phone's SDK is not.
resource "google_firebaserules_ruleset" "deny_all" {
  project = var.project_id

  source {
    files {
      name    = "firestore.rules"
      content = <<-EOT
        rules_version = '2';
        service cloud.firestore {
          match /databases/{database}/documents {
            match /{document=**} {
              allow read, write: if false;
            }
          }
        }
      EOT
    }
  }

  lifecycle {
    # A ruleset that is released can't be deleted: the next one has to be there first.
    create_before_destroy = true
  }

  depends_on = [google_firestore_database.this]
}

resource "google_firebaserules_release" "firestore" {
  project      = var.project_id
  name         = var.firestore.database == "(default)" ? "cloud.firestore" : "cloud.firestore/${var.firestore.database}"
  ruleset_name = google_firebaserules_ruleset.deny_all.name
}
