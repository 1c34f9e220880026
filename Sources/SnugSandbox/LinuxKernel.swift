import SnugPlan
