using System.Diagnostics;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Configuration;

namespace SidecarAgent.Agent.Connection;

/// <summary>Where tokens come from, by configuration.</summary>
internal static class WorkloadTokens
{
    public static IWorkloadToken Of(IdentityOptions identity, TimeProvider time, ILoggerFactory logs) => identity switch
    {
        TokenFileIdentity file => new TokenFile(file.Path),
        SpiffeIdentity spiffe => new SpiffeToken(spiffe, time, Jitter.Next, logs.CreateLogger<SpiffeToken>()),
        _ => throw new UnreachableException(),
    };
}
