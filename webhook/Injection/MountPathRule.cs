namespace SidecarAgent.Webhook.Injection;

/// <summary>Where secrets may be mounted: a plain absolute path that hides nothing the container needs.</summary>
internal static class MountPathRule
{
    private const int MaxLength = 256;

    /// <summary>Mounting on one of these would hide it.</summary>
    private static readonly HashSet<string> Needed = new(StringComparer.Ordinal)
    {
        "/", "/bin", "/boot", "/etc", "/home", "/lib", "/lib32", "/lib64", "/libx32", "/media", "/mnt", "/opt", "/root",
        "/run", "/run/secrets", "/sbin", "/srv", "/tmp", "/usr", "/usr/bin", "/usr/lib", "/usr/lib64", "/usr/local",
        "/usr/local/bin", "/usr/local/lib", "/usr/sbin", "/usr/share", "/var", "/var/lib", "/var/log", "/var/run",
        "/var/run/secrets", "/var/tmp",
    };

    /// <summary>Nothing may be mounted on or below these: they are the kernel's, the kubelet's or the agent's.</summary>
    private static readonly string[] Closed =
    [
        "/dev", "/proc", "/sys", "/run/secrets/kubernetes.io", "/var/run/secrets/kubernetes.io",
        AgentContainer.TokenDirectory, "/run/sidecar-agent", AgentContainer.Program,
    ];

    /// <summary>What is wrong with the path, or null.</summary>
    public static string? Problem(string path)
    {
        if (path.Length is 0 or > MaxLength)
            return $"a mount path has 1 to {MaxLength} characters, got {path.Length}";
        if (path[0] != '/')
            return $"expected an absolute path such as /secrets, got {Foreign.Quote(path)}";
        if (!Foreign.IsPlain(path) || path.AsSpan().ContainsAny(":\\"))
            return "a mount path holds no control characters, no ':' and no '\\'";
        if (Needed.Contains(path))
            return $"mounting on {path} would hide what the container needs there; choose a directory of its own, such as /secrets";
        if (path.Split('/').Skip(1).Any(name => name is "" or "." or ".."))
            return "a mount path is in its shortest form: no '//', no '.' or '..', no '/' at its end";
        return Array.Find(Closed, closed => IsWithin(path, closed)) is { } reserved
            ? $"{reserved} is reserved; choose a directory such as /secrets"
            : null;
    }

    /// <summary>The path as container runtimes take it: absolute, without <c>//</c>, <c>.</c> and <c>..</c>, no slash at its end.</summary>
    public static string Shortest(string path)
    {
        var names = new List<string>();
        foreach (var name in path.Split('/'))
        {
            if (name is ".." && names.Count > 0)
                names.RemoveAt(names.Count - 1);
            else if (name is not ("" or "." or ".."))
                names.Add(name);
        }

        return "/" + string.Join('/', names);
    }

    /// <summary>Whether a path is the other one or below it.</summary>
    public static bool IsWithin(string path, string other) =>
        path == other || other == "/" || path.StartsWith(other + "/", StringComparison.Ordinal);
}
