# Terraform and the one provider. Nothing here needs google-beta, archive or random. terraform init writes
# .terraform.lock.hcl beside this file: keep it with your own copy, as it names the provider that you were given.
terraform {
  required_version = ">= 1.9"

  # Where the state lies is said at init: terraform init -backend-config="bucket=NAME" -backend-config="prefix=mesh-triage".
  backend "gcs" {}

  required_providers {
    google = {
      source = "hashicorp/google"
      # 7.35 knows everything that is used here; no argument whose type differs between 7 and 8 is.
      version = ">= 7.35, < 9"
    }
  }
}

provider "google" {
  project        = var.project_id
  region         = var.region
  default_labels = local.labels

  # Some APIs (Firebase rules, OS Config) refuse a person's own credentials unless they are told whose quota is used.
  billing_project       = var.project_id
  user_project_override = true
}
