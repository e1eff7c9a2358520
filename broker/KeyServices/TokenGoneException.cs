namespace SidecarAgent.Broker.KeyServices;

/// <summary>The PKCS#11 library does not see the token. One that is initialized anew may.</summary>
internal sealed class TokenGoneException(string message) : Exception(message);
