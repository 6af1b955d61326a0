# Every rule of tflint's own ruleset; there is none for Google's provider that is needed beside the provider's own schema.
plugin "terraform" {
  enabled = true
  preset  = "all"
}

# A file is named after what is in it: there is no main.tf to look for.
rule "terraform_standard_module_structure" {
  enabled = false
}

# Locals that only serve another local begin with an underscore.
rule "terraform_naming_convention" {
  enabled = true

  locals {
    custom = "^_?[a-z][a-z0-9_]*$"
  }
}
