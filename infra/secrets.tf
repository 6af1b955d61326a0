# Containers of Slack's token and signing secret. Their versions are made outside, so that no state ever holds them:
#   terraform apply -target=google_secret_manager_secret.this
#   printf %s "$TOKEN" | gcloud secrets versions add mesh-triage-slack-token --data-file=-
# The functions can only be made once both have a version.

locals {
  # Environment variable → the secret, its pinned version, and the one function that may read it.
  secrets = {
    SLACK_SIGNING_SECRET = {
      function = "slack"
      id       = "mesh-triage-slack-signing-secret"
      version  = var.secret_versions.slack_signing_secret
    }
    SLACK_TOKEN = {
      function = "reconcile"
      id       = "mesh-triage-slack-token"
      version  = var.secret_versions.slack_token
    }
  }
}

resource "google_secret_manager_secret" "this" {
  for_each = local.secrets

  project   = var.project_id
  secret_id = each.value.id

  replication {
    user_managed {
      replicas {
        location = var.region

        dynamic "customer_managed_encryption" {
          for_each = var.kms_key_name[*]
          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = local.secrets

  project   = var.project_id
  secret_id = google_secret_manager_secret.this[each.key].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.this[each.value.function].member
}
