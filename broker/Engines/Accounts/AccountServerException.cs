namespace SidecarAgent.Broker.Engines.Accounts;

/// <summary>An account server did not do what it was asked. The message is for operators and never holds a secret.</summary>
internal abstract class AccountServerException(string message, Exception? cause) : Exception(message, cause);

/// <summary>It could not be reached, or was too busy or shutting down: trying again may help.</summary>
internal sealed class AccountServerUnreachableException(string message, Exception? cause = null)
    : AccountServerException(message, cause);

/// <summary>It said no: configuration, rights or statements must be changed first.</summary>
internal sealed class AccountServerRefusedException(string message, Exception? cause = null)
    : AccountServerException(message, cause);
