namespace SidecarAgent.Agent.Connection;

/// <summary>The token that tells the broker who this workload is: from a file, or from the node's SPIFFE agent.</summary>
internal interface IWorkloadToken : IDisposable
{
    /// <summary>The token as it is now; a bearer token, never to be logged.</summary>
    /// <exception cref="TokenException">There is none.</exception>
    ValueTask<string> ReadAsync(CancellationToken cancellationToken);

    /// <summary>The broker called this token expired or invalid: it is not given out again if another can be had.</summary>
    void Refuse(string token);

    /// <summary>Sees to it that a fresh token is at hand before the present one ends. Until cancelled.</summary>
    Task KeepFreshAsync(CancellationToken cancellationToken);
}
