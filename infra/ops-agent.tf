# Envoy's own log is a file on the VM, and nobody ships it unasked: an OS policy per zone installs the Ops Agent and its
# configuration on the VMs of the mesh.

locals {
  ops_agent_project = coalesce(var.ops_agent.project, var.scope.id)
  ops_agent_path    = "/etc/google-cloud-ops-agent/config.yaml"
  # The log may be rotated under the same name with a number behind it. OS Config takes 1,024 characters: comments stay here.
  _ops_agent_lines = split("\n", templatefile("${path.module}/ops-agent.yaml.tftpl", { log_path = "/var/log/envoy/envoy.err.log*" }))
  ops_agent_config = join("\n", [for line in local._ops_agent_lines : line if !startswith(line, "#")])

  # A copy tells which configuration the agent was started with. /run is empty after a reboot: one restart too many.
  ops_agent_is_current = "cmp -s ${local.ops_agent_path} /run/mesh-triage-ops-agent.yaml && exit 100; exit 101"
  ops_agent_restart    = "systemctl restart google-cloud-ops-agent && cp ${local.ops_agent_path} /run/mesh-triage-ops-agent.yaml && exit 100; exit 1"

  # Where packages for an operating system come from. On others the policy does nothing, and says so.
  ops_agent_apt = {
    debian-11    = { short_name = "debian", version = "11*", distribution = "google-cloud-ops-agent-bullseye-all" }
    debian-12    = { short_name = "debian", version = "12*", distribution = "google-cloud-ops-agent-bookworm-all" }
    debian-13    = { short_name = "debian", version = "13*", distribution = "google-cloud-ops-agent-trixie-all" }
    ubuntu-22-04 = { short_name = "ubuntu", version = "22.04*", distribution = "google-cloud-ops-agent-jammy-all" }
    ubuntu-24-04 = { short_name = "ubuntu", version = "24.04*", distribution = "google-cloud-ops-agent-noble-all" }
  }
  ops_agent_yum = {
    for one in setproduct(["centos", "rhel", "rocky"], ["8", "9"]) : "${one[0]}-${one[1]}" => {
      short_name = one[0]
      version    = "${one[1]}*"
      base_url   = "https://packages.cloud.google.com/yum/repos/google-cloud-ops-agent-el${one[1]}-x86_64-all"
    }
  }
  ops_agent_systems = merge(local.ops_agent_apt, local.ops_agent_yum)
}

resource "google_os_config_os_policy_assignment" "ops_agent" {
  for_each = var.ops_agent.zones

  project     = local.ops_agent_project
  location    = each.key
  name        = "mesh-triage-ops-agent"
  description = "Ops Agent that ships Envoy's error log, for mesh-triage"

  lifecycle {
    precondition {
      condition     = length(local.ops_agent_config) <= 1024
      error_message = "OS Config takes files of 1,024 characters; infra/ops-agent.yaml.tftpl has more without its comments."
    }
  }

  # A rollout waits for VMs that are switched off; nobody should wait for it here.
  skip_await_rollout = true

  instance_filter {
    all = false
    inclusion_labels {
      labels = var.ops_agent.labels
    }
  }

  os_policies {
    id                            = "ops-agent"
    mode                          = "ENFORCEMENT"
    allow_no_resource_group_match = true

    dynamic "resource_groups" {
      for_each = local.ops_agent_systems
      content {
        inventory_filters {
          os_short_name = resource_groups.value.short_name
          os_version    = resource_groups.value.version
        }

        resources {
          id = "repository"
          repository {
            dynamic "apt" {
              for_each = can(resource_groups.value.distribution) ? [resource_groups.value.distribution] : []
              content {
                archive_type = "DEB"
                uri          = "https://packages.cloud.google.com/apt"
                distribution = apt.value
                components   = ["main"]
                gpg_key      = "https://packages.cloud.google.com/apt/doc/apt-key.gpg"
              }
            }
            dynamic "yum" {
              for_each = can(resource_groups.value.base_url) ? [resource_groups.value.base_url] : []
              content {
                id           = "google-cloud-ops-agent"
                display_name = "Google Cloud Ops Agent"
                base_url     = yum.value
                gpg_keys = [
                  "https://packages.cloud.google.com/yum/doc/yum-key.gpg",
                  "https://packages.cloud.google.com/yum/doc/rpm-package-key.gpg",
                ]
              }
            }
          }
        }

        resources {
          id = "package"
          pkg {
            desired_state = "INSTALLED"
            dynamic "apt" {
              for_each = can(resource_groups.value.distribution) ? [1] : []
              content {
                name = "google-cloud-ops-agent"
              }
            }
            dynamic "yum" {
              for_each = can(resource_groups.value.base_url) ? [1] : []
              content {
                name = "google-cloud-ops-agent"
              }
            }
          }
        }

        resources {
          id = "configuration"
          file {
            path    = local.ops_agent_path
            state   = "CONTENTS_MATCH"
            content = local.ops_agent_config
          }
        }

        resources {
          id = "restart"
          exec {
            validate {
              interpreter = "SHELL"
              script      = local.ops_agent_is_current
            }
            enforce {
              interpreter = "SHELL"
              script      = local.ops_agent_restart
            }
          }
        }
      }
    }
  }

  rollout {
    disruption_budget {
      percent = 10
    }
    min_wait_duration = "60s"
  }
}
