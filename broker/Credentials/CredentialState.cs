namespace SidecarAgent.Broker.Credentials;

/// <summary>How far an account outside has come. The numbers are stored.</summary>
internal enum CredentialState
{
    /// <summary>Written down, and perhaps made outside; nobody has been given it.</summary>
    Creating = 1,

    /// <summary>It has a lease.</summary>
    Live = 2,

    /// <summary>It has none any more, and is to be dropped outside.</summary>
    Revoking = 3,

    /// <summary>As <see cref="Revoking"/>, but it could not be dropped for so long that somebody must look.</summary>
    Irrevocable = 4,
}
