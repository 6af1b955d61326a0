# The functions: one zip, one entry point each. All are http functions; Pub/Sub and Scheduler push to them.

locals {
  # What each function is told is what functions/config.ts reads for it, and no more; addresses of stand-ins are for
  # one-machine runs only.
  functions = {
    classify = {
      description = "Entries of the sink → sightings"
      # Batches gather across the requests of one instance: many requests on few instances make few commits. At 250 a storm
      # of 1,000 entries a second would need four instances and three times the writes (docs/scale.md).
      concurrency = 1000
      cpu         = "1"
      environment = {
        FIRESTORE_DATABASE     = var.firestore.database
        GOOGLE_CLOUD_PROJECT   = var.project_id
        INCIDENT_CHANGES_TOPIC = google_pubsub_topic.this["incident-changes"].name
        # Under load Node collects late and grows beyond what it needs; half of the memory is left to buffers.
        NODE_OPTIONS = "--max-old-space-size=512"
      }
      ingress       = "ALLOW_INTERNAL_ONLY"
      max_instances = var.max_instances.classify
      memory        = "1Gi"
      min_instances = 0
      timeout       = 60
    }
    diagnose = {
      description = "The guide's checks through read-only APIs"
      concurrency = 20
      cpu         = "1"
      environment = {
        DIAGNOSE_AGAIN_SECONDS = var.diagnose.again_seconds
        FIRESTORE_DATABASE     = var.firestore.database
        GOOGLE_CLOUD_PROJECT   = var.project_id
        INCIDENT_CHANGES_TOPIC = google_pubsub_topic.this["incident-changes"].name
        PROOF_SETTLE_SECONDS   = var.diagnose.proof_settle_seconds
      }
      ingress       = "ALLOW_INTERNAL_ONLY"
      max_instances = var.max_instances.diagnose
      memory        = "512Mi"
      min_instances = 0
      timeout       = 60
    }
    history = {
      description = "The incident history as pages; only for its invokers"
      concurrency = 40
      cpu         = "1"
      environment = {
        FIRESTORE_DATABASE   = var.firestore.database
        GOOGLE_CLOUD_PROJECT = var.project_id
        LANGUAGE             = var.language
      }
      ingress       = var.history.ingress
      max_instances = var.max_instances.history
      memory        = "512Mi"
      min_instances = 0
      timeout       = 60
    }
    reconcile = {
      description = "Sightings → incident → Slack"
      # A nudge may wait for seconds until it folds: waiting costs nothing beside others.
      concurrency = 80
      cpu         = "1"
      environment = {
        FIRESTORE_DATABASE       = var.firestore.database
        GOOGLE_CLOUD_PROJECT     = var.project_id
        HISTORY_URL              = local.history_url
        INCIDENT_CHANGES_TOPIC   = google_pubsub_topic.this["incident-changes"].name
        LANGUAGE                 = var.language
        SLACK_CHANNEL            = var.slack.channel
        SLACK_DIGEST_FROM        = var.slack.digest_from
        SLACK_EDIT_AFTER_SECONDS = var.slack.edit_after_seconds
        SLACK_ROUTES             = jsonencode([for route in var.slack.routes : { for name, value in route : name => value if value != null }])
      }
      ingress       = "ALLOW_INTERNAL_ONLY"
      max_instances = var.max_instances.reconcile
      memory        = "512Mi"
      min_instances = 0
      timeout       = 60
    }
    slack = {
      description = "Slack's buttons and slash command, signed"
      concurrency = 40
      cpu         = "1"
      environment = {
        FIRESTORE_DATABASE     = var.firestore.database
        GOOGLE_CLOUD_PROJECT   = var.project_id
        INCIDENT_CHANGES_TOPIC = google_pubsub_topic.this["incident-changes"].name
        LANGUAGE               = var.language
        TIME_ZONE              = var.time_zone
      }
      # The only public one: Slack sends from the internet and has no Google identity. The function believes nothing
      # that Slack did not sign within the last five minutes.
      ingress       = "ALLOW_ALL"
      max_instances = var.max_instances.slack
      memory        = "512Mi"
      min_instances = var.slack.min_instances
      timeout       = 30
    }
    watch = {
      description = "Each minute: what was left over, quiet, the fleet, roll-ups of the history"
      # A tick is never beside another: it writes down where it is.
      concurrency = 1
      cpu         = "1"
      environment = merge(
        {
          FIRESTORE_DATABASE      = var.firestore.database
          FLEET_LIST_KEPT_SECONDS = var.fleet.list_kept_seconds
          FLEET_READS_PER_MINUTE  = var.fleet.reads_per_minute
          GOOGLE_CLOUD_PROJECT    = var.project_id
          INCIDENT_CHANGES_TOPIC  = google_pubsub_topic.this["incident-changes"].name
        },
        length(local.fleet_projects) == 0 ? {} : { FLEET_PROJECTS = join(",", local.fleet_projects) },
      )
      ingress       = "ALLOW_INTERNAL_ONLY"
      max_instances = 1
      memory        = "512Mi"
      min_instances = 0
      # Thirty seconds for what was left over, 45 for the fleet, and a slow start.
      timeout = 120
    }
  }

  # Cloud Run gives each service this address beside the one with a hash in it: known before the service is there, so that
  # reconcile can be told without waiting for history.
  history_url = coalesce(var.history.url, "https://mesh-triage-history-${local.project_number}.${var.region}.run.app/")
}

# ALLOW_INTERNAL_ONLY: Pub/Sub and Cloud Scheduler count as internal where they are in the same project and call the
# default run.app address (https://cloud.google.com/run/docs/securing/ingress), which is service_config[0].uri.
resource "google_cloudfunctions2_function" "this" {
  #checkov:skip=CKV_GCP_124:Only slack is open, because Slack has no Google identity, and history where its variable says so; see the test ingress.tftest.hcl.
  for_each = local.functions

  project      = var.project_id
  name         = "mesh-triage-${each.key}"
  location     = var.region
  description  = each.value.description
  kms_key_name = var.kms_key_name

  build_config {
    runtime           = "nodejs24"
    entry_point       = each.key
    docker_repository = google_artifact_registry_repository.images.id
    service_account   = google_service_account.this["build"].id

    # Nothing is built there: no script is run, and development's packages are not installed.
    environment_variables = {
      GOOGLE_NODE_RUN_SCRIPTS = ""
    }

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.source.name
      }
    }

    # Patches of the runtime arrive without a deploy: this is meant to be left alone for a year.
    automatic_update_policy {}
  }

  service_config {
    all_traffic_on_latest_revision   = true
    available_cpu                    = each.value.cpu
    available_memory                 = each.value.memory
    environment_variables            = each.value.environment
    ingress_settings                 = each.value.ingress
    max_instance_count               = each.value.max_instances
    max_instance_request_concurrency = each.value.concurrency
    min_instance_count               = each.value.min_instances
    service_account_email            = google_service_account.this[each.key].email
    timeout_seconds                  = each.value.timeout

    dynamic "secret_environment_variables" {
      for_each = { for name, secret in local.secrets : name => secret if secret.function == each.key }
      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = google_secret_manager_secret.this[secret_environment_variables.key].secret_id
        version    = secret_environment_variables.value.version
      }
    }
  }

  # A function that can't be built or can't read its secret fails to deploy.
  depends_on = [
    google_artifact_registry_repository_iam_member.build,
    google_project_iam_member.build_logs,
    google_project_iam_member.build_source,
    google_secret_manager_secret_iam_member.reader,
  ]
}
