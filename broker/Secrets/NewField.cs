using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.Secrets;

/// <summary>A field of a version that is to be stored: with the value that somebody brought, or one to be made.</summary>
internal sealed record NewField(string Name, FieldClass Class, SecretBytes? Value, Generator? Generator);
