using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Sprig's questions about types, and its file names.</summary>
internal static class SprigTypeFunctions
{
    private static readonly Function[] Types =
    [
        new("typeOf", 1, 1, call => TextValue.Of(call[0].GoType)),
        new("typeIs", 2, 2, call => BoolValue.Of(call[1].GoType == call.String(0))),
        new("typeIsLike", 2, 2, call => BoolValue.Of(call.String(0) is var type && (call[1].GoType == type || "*" + call[1].GoType == type))),
        new("kindOf", 1, 1, call => TextValue.Of(Kind(call[0]))),
        new("kindIs", 2, 2, call => BoolValue.Of(Kind(call[1]) == call.String(0))),
        new("deepEqual", 2, 2, call => BoolValue.Of(ValueEquality.AreEqual(call[0], call[1], call.Context.Budget))),
    ];

    private static readonly Function[] Paths =
    [
        new("base", 1, 1, call => TextValue.Of(Base(call.String(0)))),
        new("dir", 1, 1, call => TextValue.Of(Directory(call.String(0)))),
        new("ext", 1, 1, call => TextValue.Of(Extension(call.String(0)))),
        new("clean", 1, 1, call => TextValue.Of(Clean(call.String(0)))),
        new("isAbs", 1, 1, call => BoolValue.Of(call.String(0).StartsWith('/'))),
    ];

    /// <summary>Those of the operating system are the same: it is Linux.</summary>
    public static readonly IReadOnlyList<Function> All =
    [
        .. Types,
        .. Paths,
        .. Paths.Select(function => function with { Name = $"os{char.ToUpperInvariant(function.Name[0])}{function.Name[1..]}" }),
    ];

    private static string Kind(Value value) => value switch
    {
        NilValue => "invalid",
        ListValue => "slice",
        MapValue => "map",
        TimeValue => "struct",
        _ => value.GoType,
    };

    private static string Base(string path)
    {
        var trimmed = path.TrimEnd('/');
        if (trimmed.Length == 0)
            return path.Length == 0 ? "." : "/";
        return trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }

    private static string Directory(string path) => Clean(path[..(path.LastIndexOf('/') + 1)]);

    /// <summary>The shortest path of the same meaning, by its letters alone.</summary>
    private static string Clean(string path)
    {
        var isRooted = path.StartsWith('/');
        var parts = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
                parts.RemoveAt(parts.Count - 1);
            else if (part != "." && !(part == ".." && isRooted))
                parts.Add(part);
        }

        var joined = string.Join('/', parts);
        return isRooted ? "/" + joined : joined.Length == 0 ? "." : joined;
    }

    private static string Extension(string path)
    {
        var dot = path.LastIndexOf('.');
        return dot < 0 || dot < path.LastIndexOf('/') ? "" : path[dot..];
    }
}
