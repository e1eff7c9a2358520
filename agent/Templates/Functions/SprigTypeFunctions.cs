using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Sprig's questions about types, and its file names.</summary>
internal static class SprigTypeFunctions
{
    public static readonly Function[] All =
    [
        new("typeOf", 1, 1, call => TextValue.Of(call[0].GoType)),
        new("typeIs", 2, 2, call => BoolValue.Of(call[1].GoType == call.String(0))),
        new("kindOf", 1, 1, call => TextValue.Of(Kind(call[0]))),
        new("kindIs", 2, 2, call => BoolValue.Of(Kind(call[1]) == call.String(0))),
        new("deepEqual", 2, 2, call => BoolValue.Of(ValueEquality.AreEqual(call[0], call[1], call.Context.Budget))),
        new("base", 1, 1, call => TextValue.Of(Base(call.String(0)))),
        new("dir", 1, 1, call => TextValue.Of(Directory(call.String(0)))),
        new("ext", 1, 1, call => TextValue.Of(Extension(call.String(0)))),
        new("isAbs", 1, 1, call => BoolValue.Of(call.String(0).StartsWith('/'))),
    ];

    private static string Kind(Value value) => value switch
    {
        NilValue => "invalid",
        ListValue => "slice",
        MapValue => "map",
        _ => value.GoType,
    };

    private static string Base(string path)
    {
        var trimmed = path.TrimEnd('/');
        if (trimmed.Length == 0)
            return path.Length == 0 ? "." : "/";
        return trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }

    private static string Directory(string path)
    {
        var slash = path.LastIndexOf('/');
        if (slash < 0)
            return ".";
        var directory = path[..slash].TrimEnd('/');
        return directory.Length == 0 ? "/" : directory;
    }

    private static string Extension(string path)
    {
        var dot = path.LastIndexOf('.');
        return dot < 0 || dot < path.LastIndexOf('/') ? "" : path[dot..];
    }
}
