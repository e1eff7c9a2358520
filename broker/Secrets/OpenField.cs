using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.Secrets;

/// <summary>A field with its value in the clear; without one where it is not to be shown. Disposed by who sends it.</summary>
internal sealed record OpenField(string Name, FieldClass Class, SecretBytes? Value) : IDisposable
{
    public void Dispose() => Value?.Dispose();
}
