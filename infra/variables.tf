# What an operator says. Only project_id, region, scope, slack and source_archive have no default.

variable "alert_channels" {
  description = "Notification channels that hear when the analyzer itself is unwell: projects/PROJECT/notificationChannels/NUMBER, in project_id. Choose one that is not this very Slack app. List: gcloud beta monitoring channels list."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for channel in var.alert_channels : can(regex("^projects/[^/]+/notificationChannels/[^/]+$", channel))])
    error_message = "Each channel must read projects/PROJECT/notificationChannels/NUMBER."
  }
}

variable "diagnose" {
  description = "Pauses of the checks in seconds: before the second run of an incident's checks (it doubles up to 15 minutes), and how long its lines must be missing before a passing check proves the end."
  type = object({
    again_seconds        = optional(number, 60)
    proof_settle_seconds = optional(number, 120)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.diagnose.again_seconds >= 1 && var.diagnose.again_seconds <= 900
    error_message = "diagnose.again_seconds must be 1 to 900."
  }

  validation {
    condition     = var.diagnose.proof_settle_seconds >= 0 && var.diagnose.proof_settle_seconds <= 3600
    error_message = "diagnose.proof_settle_seconds must be 0 to 3600."
  }
}

variable "extra_log_filter" {
  description = "More entries for the sink, in the logging query language; those of infra/sink-filter.txt always pass. Example: an Ops Agent receiver of your own, or the log of start-up scripts. Each entry is billed."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.extra_log_filter) <= 8000
    error_message = "A sink's filter may have 20,000 characters in all; keep extra_log_filter below 8,000."
  }
}

variable "firestore" {
  description = "The database. location (default: region) and database can't be changed later. delete_protection must be set to false, and applied, before the database can be destroyed. point_in_time_recovery keeps 7 days of versions instead of an hour, and costs storage. kms_key_name must lie in the database's location."
  type = object({
    database               = optional(string, "(default)")
    delete_protection      = optional(bool, true)
    kms_key_name           = optional(string)
    location               = optional(string)
    point_in_time_recovery = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.firestore.database == "(default)" || can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", var.firestore.database))
    error_message = "firestore.database must be (default), or 4 to 63 lower-case letters, digits and hyphens."
  }
}

variable "fleet" {
  description = "VMs whose guest attributes are read each minute: ids of projects (default: the scope, where it is a project). reads_per_minute holds for each project and region; Google's own default quota is 1,500."
  type = object({
    list_kept_seconds = optional(number, 240)
    projects          = optional(list(string))
    reads_per_minute  = optional(number, 1300)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for project in coalesce(var.fleet.projects, []) : can(regex("^[a-z][a-z0-9.:-]{4,60}$", project))])
    error_message = "fleet.projects must be ids of projects."
  }

  validation {
    condition     = length(coalesce(var.fleet.projects, [])) <= 50
    error_message = "fleet.projects may name 50 projects."
  }
}

variable "history" {
  description = "Who reads the pages of the history, and from where. invokers: members such as group:mesh@example.com; everybody else gets 403. ingress: ALLOW_INTERNAL_ONLY (from a VPC of the project), ALLOW_INTERNAL_AND_GCLB (behind a load balancer with IAP), or ALLOW_ALL (from anywhere, still only for invokers: gcloud run services proxy). url: what Slack's button opens, where it is not the function's own address."
  type = object({
    ingress  = optional(string, "ALLOW_INTERNAL_ONLY")
    invokers = optional(set(string), [])
    url      = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["ALLOW_ALL", "ALLOW_INTERNAL_AND_GCLB", "ALLOW_INTERNAL_ONLY"], var.history.ingress)
    error_message = "history.ingress must be ALLOW_INTERNAL_ONLY, ALLOW_INTERNAL_AND_GCLB or ALLOW_ALL."
  }

  validation {
    condition     = length(setintersection(var.history.invokers, ["allUsers", "allAuthenticatedUsers"])) == 0
    error_message = "The history is never public: name users, groups, domains or service accounts."
  }
}

variable "keep_request_logs" {
  description = "Whether the log bucket _Default keeps the request logs of the functions' successes: about 1 kB for every entry, billed as log storage."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_name" {
  description = "Key in region that encrypts topics, source, images, functions and secrets: projects/P/locations/REGION/keyRings/R/cryptoKeys/K. Google's own keys where it is null. Before the first apply the service agents of the output kms_key_users need roles/cloudkms.cryptoKeyEncrypterDecrypter on it."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_name == null || can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key_name))
    error_message = "kms_key_name must read projects/P/locations/REGION/keyRings/R/cryptoKeys/K."
  }
}

variable "labels" {
  description = "Labels of everything that can have some."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "language" {
  description = "Language of what Slack and the history say: en or zh-CN."
  type        = string
  default     = "en"
  nullable    = false

  validation {
    condition     = contains(["en", "zh-CN"], var.language)
    error_message = "language must be en or zh-CN."
  }
}

variable "max_instances" {
  description = "Instances of each function at most: the cap on cost and on contention. One instance of classify takes about 3,000 entries a second (docs/scale.md); what is more waits in Pub/Sub. More instances cost more writes, for each commits its own batches."
  type = object({
    classify  = optional(number, 3)
    diagnose  = optional(number, 2)
    history   = optional(number, 2)
    reconcile = optional(number, 2)
    slack     = optional(number, 3)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for count in values(var.max_instances) : count >= 1 && count <= 100 && floor(count) == count])
    error_message = "Each of max_instances must be a whole number from 1 to 100."
  }
}

variable "ops_agent" {
  description = "Zones in which the Ops Agent is installed on VMs with these labels, and told to ship /var/log/envoy/envoy.err.log. It REPLACES /etc/google-cloud-ops-agent/config.yaml: where that file is used for more, leave zones empty and merge infra/ops-agent.yaml.tftpl by hand. project: whose VMs (default: the scope, where it is a project); OS Config must be enabled there and on the VMs (metadata enable-osconfig=TRUE), and their service account needs roles/logging.logWriter."
  type = object({
    labels  = optional(map(string), { gce-service-proxy = "on" })
    project = optional(string)
    zones   = optional(set(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for zone in var.ops_agent.zones : can(regex("^[a-z]+-[a-z]+[0-9]+-[a-z]$", zone))])
    error_message = "ops_agent.zones must be zones, such as europe-west3-a."
  }

  validation {
    condition     = length(var.ops_agent.zones) == 0 || var.ops_agent.project != null || var.scope.type == "project"
    error_message = "ops_agent.project must be set where the scope is no project."
  }
}

variable "project_id" {
  description = "Project that the analyzer runs in; best one of its own. Before the first apply: gcloud services enable serviceusage.googleapis.com cloudresourcemanager.googleapis.com."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be the id of a project, not its number or name."
  }
}

variable "reader_roles" {
  description = "Custom roles that exist already, for diagnose and watch to read what is observed; null = they are made here. For a folder or organisation where nobody may make roles from here: organizations/NUMBER/roles/NAME each, with the permissions of the output reader_permissions."
  type = object({
    diagnose = string
    watch    = string
  })
  default = null

  validation {
    condition     = var.reader_roles == null || alltrue([for role in values(coalesce(var.reader_roles, {})) : can(regex("^(projects|organizations)/[^/]+/roles/[^/]+$", role))])
    error_message = "reader_roles must read organizations/NUMBER/roles/NAME, or projects/ID/roles/NAME."
  }
}

variable "region" {
  description = "Region of functions, secrets and source, such as europe-west3. It must have Cloud Scheduler and Cloud Run functions."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be a region, such as europe-west3."
  }
}

variable "scope" {
  description = "What is observed: {type = \"project\", id = \"ID\"}, {type = \"folder\", id = \"NUMBER\", organization_id = \"NUMBER\"} or {type = \"organization\", id = \"NUMBER\"}. Folders and organisations include everything below them. A folder can have no custom role of its own, so its organisation is asked for unless reader_roles is given."
  type = object({
    id              = string
    organization_id = optional(string)
    type            = string
  })
  nullable = false

  validation {
    condition     = contains(["folder", "organization", "project"], var.scope.type)
    error_message = "scope.type must be project, folder or organization."
  }

  validation {
    condition     = var.scope.type == "project" ? can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.scope.id)) : can(regex("^[0-9]{6,}$", var.scope.id))
    error_message = "scope.id must be the id of a project, or the number of a folder or organisation."
  }

  validation {
    condition     = var.scope.type != "folder" || var.reader_roles != null || can(regex("^[0-9]{6,}$", var.scope.organization_id))
    error_message = "A folder needs scope.organization_id, the number of its organisation, or reader_roles."
  }
}

variable "secret_versions" {
  description = "Versions of the two secrets that are used. A running instance keeps the one it started with: to rotate, add a version, raise the number here, apply."
  type = object({
    slack_signing_secret = optional(string, "1")
    slack_token          = optional(string, "1")
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for version in values(var.secret_versions) : can(regex("^[1-9][0-9]*$", version))])
    error_message = "secret_versions must be numbers: with «latest» nobody knows which one an instance uses."
  }
}

variable "silent_after_seconds" {
  description = "An alert when no entry at all came for so long, a multiple of 60 and at most 84,600 (23.5 hours, Monitoring's limit). A fleet in good health may write nothing for a day: null for none. watch judges silence by habit besides."
  type        = number
  default     = 84600

  validation {
    condition     = var.silent_after_seconds == null || try(var.silent_after_seconds >= 60 && var.silent_after_seconds <= 84600 && var.silent_after_seconds % 60 == 0, false)
    error_message = "silent_after_seconds must be a multiple of 60 from 60 to 84600, or null."
  }
}

variable "slack" {
  description = "channel: id (C…) of the channel that hears of everything that no route names. routes: see docs/slack.md. edit_after_seconds: edits that only count on come no closer together. digest_from: more new incidents than this within two minutes share a digest; 0 = never. min_instances: 1 keeps an instance of the function slack warm, for Slack waits 3 seconds for an answer; it is billed all day."
  type = object({
    channel            = string
    digest_from        = optional(number, 5)
    edit_after_seconds = optional(number, 30)
    min_instances      = optional(number, 0)
    routes = optional(list(object({
      channel  = string
      pattern  = optional(list(string))
      project  = optional(list(string))
      scope    = optional(map(string))
      severity = optional(list(string))
    })), [])
  })
  nullable = false

  validation {
    condition     = alltrue([for channel in concat([var.slack.channel], var.slack.routes[*].channel) : can(regex("^[CG][A-Z0-9]{6,}$", channel))])
    error_message = "Channels are named by id (channel details, at the bottom), such as C0123456789."
  }

  validation {
    condition     = alltrue([for severity in flatten([for route in var.slack.routes : coalesce(route.severity, [])]) : contains(["critical", "error", "info", "warning"], severity)])
    error_message = "A route's severity is a list of info, warning, error and critical."
  }

  validation {
    condition     = var.slack.min_instances <= var.max_instances.slack
    error_message = "slack.min_instances must not be more than max_instances.slack."
  }
}

variable "source_archive" {
  description = "Path of the zip that npm run package made, dist/mesh-triage-HASH.zip. A zip with other bytes deploys every function anew."
  type        = string
  nullable    = false

  validation {
    condition     = endswith(var.source_archive, ".zip") && fileexists(var.source_archive)
    error_message = "There is no such .zip: run npm run package, and give the path that it prints."
  }
}

variable "summary_schedule" {
  description = "When the daily summary is posted, as cron writes it, in time_zone; null = never."
  type        = string
  default     = "0 8 * * *"
}

variable "time_zone" {
  description = "Time zone of the daily summary and of «until tomorrow», such as Europe/Berlin."
  type        = string
  default     = "UTC"
  nullable    = false
}
