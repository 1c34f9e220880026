func explainUserNamespaceFailure(_ code: Int32) -> (reason: String, hint: String?) { (errorText(code), nil) }
