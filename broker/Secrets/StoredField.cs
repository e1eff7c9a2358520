using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.Secrets;

/// <summary>A field of a version as it is stored.</summary>
/// <param name="Name">1 to 64 characters.</param>
/// <param name="Class">Whether operators may see it.</param>
/// <param name="Generator">How a rotation makes a fresh value; null: it does not.</param>
/// <param name="Sealed">The value.</param>
internal sealed record StoredField(string Name, FieldClass Class, Generator? Generator, SealedField Sealed);
