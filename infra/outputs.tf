# What people need next.

output "commands" {
  description = "Commands for the first day and for bad days."
  value = {
    add_secret_versions = [for secret in google_secret_manager_secret.this : "printf %s \"$SECRET\" | gcloud secrets versions add ${secret.secret_id} --project=${var.project_id} --data-file=-"]
    dead_letters        = "GOOGLE_CLOUD_PROJECT=${var.project_id} npm run -s mesh-triage -- dead-letters list"
    incidents           = "GOOGLE_CLOUD_PROJECT=${var.project_id} FIRESTORE_DATABASE='${var.firestore.database}' npm run -s mesh-triage -- incidents list"
    open_history        = "gcloud run services proxy ${google_cloudfunctions2_function.this["history"].name} --project=${var.project_id} --region=${var.region}"
    replay_dead_letters = "GOOGLE_CLOUD_PROJECT=${var.project_id} npm run -s mesh-triage -- dead-letters replay"
    tick_now            = "gcloud scheduler jobs run ${google_cloud_scheduler_job.tick.name} --project=${var.project_id} --location=${var.region}"
  }
}

output "firestore_database" {
  description = "Database that holds the incidents."
  value       = google_firestore_database.this.name
}

output "function_names" {
  description = "Function → its name in Google Cloud."
  value       = { for name, function in google_cloudfunctions2_function.this : name => function.name }
}

output "history_url" {
  description = "Address of the pages of the history, for history.invokers."
  value       = local.history_url
}

output "kms_key_users" {
  description = "Service agents that need roles/cloudkms.cryptoKeyEncrypterDecrypter on kms_key_name, and Firestore's on firestore.kms_key_name."
  value = [for agent in ["gcf-admin-robot", "gcp-sa-artifactregistry", "gcp-sa-firestore", "gcp-sa-pubsub", "gcp-sa-secretmanager", "gs-project-accounts", "serverless-robot-prod"] :
    "serviceAccount:service-${local.project_number}@${agent}.iam.gserviceaccount.com"
  ]
}

output "ops_agent_config" {
  description = "Configuration that ships Envoy's error log, to be merged by hand where the Ops Agent has one already."
  value       = local.ops_agent_config
}

output "reader_permissions" {
  description = "What diagnose and watch read in the observed projects: for roles that somebody else makes (reader_roles)."
  value       = local.reader_permissions
}

output "service_accounts" {
  description = "Function or task → e-mail address of its service account."
  value       = { for name, account in google_service_account.this : name => account.email }
}

output "sink_filter" {
  description = "Which entries the sink takes: try it in the Logs Explorer."
  value       = local.sink_filter
}

output "sink_writer" {
  description = "Identity that publishes entries to topic log-entries."
  value       = local.sink_writer
}

output "slack_request_url" {
  description = "For infra/slack-app.yaml: instead of https://SLACK_FUNCTION_URL, for interactivity and for the slash command."
  value       = google_cloudfunctions2_function.this["slack"].service_config[0].uri
}

output "subscriptions" {
  description = "Push subscriptions, and the pull subscriptions that hold dead letters."
  value = {
    dead = { for topic, subscription in google_pubsub_subscription.dead : topic => subscription.name }
    push = { for name, subscription in google_pubsub_subscription.push : name => subscription.topic }
  }
}
