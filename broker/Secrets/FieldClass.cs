namespace SidecarAgent.Broker.Secrets;

/// <summary>Whether operators may see a field's value. The numbers are stored.</summary>
internal enum FieldClass
{
    /// <summary>Never shown, except with an audited reveal.</summary>
    Secret = 1,

    /// <summary>May be shown: a user name, a host, a public certificate.</summary>
    Identifier = 2,
}
