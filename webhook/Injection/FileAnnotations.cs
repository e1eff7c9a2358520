namespace SidecarAgent.Webhook.Injection;

/// <summary>Reads the annotations that share a NAME (secret-, template-, file-, format-, mode-, notify-) into files.</summary>
internal sealed class FileAnnotations(AnnotationReader annotations)
{
    public const int MaxFiles = 128;
    public const int MaxTemplateLength = 64 * 1024;

    /// <summary>As many as a message shows: each costs a look at every name, and annotations come by the thousand.</summary>
    private const int MaxSuggestions = Decision.Reject.MaxShown;

    private int _suggestions;

    public IReadOnlyList<RequestedFile> Read()
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var annotation in annotations.Names)
        {
            if (Annotations.Split(annotation) is not { } split)
                ReportUnknown(annotation);
            else if (split.Kind is Annotations.SecretOf or Annotations.TemplateOf)
                names.Add(split.Name);
        }

        ReportStray(names);
        if (names.Count == 0)
            annotations.Report(Annotations.Inject, "nothing to inject: add an annotation such as "
                + $"{Annotations.Prefix}{Annotations.SecretOf}db.json: \"database/creds/orders\"");
        if (names.Count > MaxFiles)
            annotations.Report(Annotations.Inject, $"a pod has at most {MaxFiles} files, got {names.Count}");

        var files = names.Take(MaxFiles).Select(Read).ToList();
        ReportClashes(files);
        return files;
    }

    private RequestedFile Read(string name)
    {
        var template = annotations.Exact(Annotations.TemplateOf + name);
        var secret = annotations.Text(Annotations.SecretOf + name);
        var hash = secret?.IndexOf('#', StringComparison.Ordinal) ?? -1;
        var path = hash < 0 ? secret : secret![..hash];
        var field = hash < 0 ? null : secret![(hash + 1)..];

        if (path is not null && ValueRules.SecretPath(path) is { } pathProblem)
            annotations.Report(Annotations.SecretOf + name, pathProblem);
        if (field is not null && ValueRules.Field(field) is { } fieldProblem)
            annotations.Report(Annotations.SecretOf + name, fieldProblem);
        if (template is { Length: 0 })
            annotations.Report(Annotations.TemplateOf + name, "the template is empty");
        if (template is { Length: > MaxTemplateLength })
            annotations.Report(Annotations.TemplateOf + name,
                $"a template has at most {MaxTemplateLength} characters, got {template.Length}");

        return new RequestedFile
        {
            Name = name,
            File = FileOf(name),
            Secret = path,
            Field = field,
            Format = Format(name, field, template),
            Template = template,
            Delimiters = Delimiters(name, template),
            ErrorOnMissingKey = ErrorOnMissingKey(name, template),
            Mode = Mode(name),
            Notify = annotations.Notification(Annotations.NotifyOf + name),
        };
    }

    private string FileOf(string name)
    {
        if (annotations.Text(Annotations.FileOf + name) is null)
        {
            if (ValueRules.File(name) is { } problem)
                annotations.Report(Kind(name) + name, $"{Foreign.Quote(name)} cannot be the file's name: {problem}");
            return name;
        }

        return annotations.Checked(Annotations.FileOf + name, ValueRules.File) ?? name;
    }

    private string? Format(string name, string? field, string? template)
    {
        var annotation = Annotations.FormatOf + name;
        if (template is not null)
        {
            if (annotations.Text(annotation) is not null)
                annotations.Report(annotation, "a template decides what the file holds; leave the format out");
            return null;
        }

        var format = annotations.OneOf(annotation, field is null ? "json" : "raw",
            ("json", "json"), ("env", "env"), ("yaml", "yaml"), ("properties", "properties"), ("raw", "raw"));
        if (format is "raw" && field is null)
            annotations.Report(annotation, "raw is the exact bytes of one field: name it in "
                + $"{Annotations.Prefix}{Annotations.SecretOf}{Foreign.Plain(name)}, as path#field");
        return format;
    }

    private TemplateDelimiters? Delimiters(string name, string? template)
    {
        var annotation = Annotations.DelimitersOf + name;
        if (annotations.Text(annotation) is not { } text)
            return null;
        if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var left, var right] || !Foreign.IsPlain(text))
            annotations.Report(annotation, $"expected two delimiters with a space between them, such as [[ ]], got {Foreign.Quote(text)}");
        else if (template is null)
            annotations.Report(annotation, "there is no template that it could belong to");
        else
            return new TemplateDelimiters(left, right);
        return null;
    }

    private bool ErrorOnMissingKey(string name, string? template)
    {
        var annotation = Annotations.MissingKeyOf + name;
        if (template is null && annotations.Text(annotation) is not null)
            annotations.Report(annotation, "there is no template that it could belong to");
        return annotations.OneOf(annotation, false, ("default", false), ("error", true));
    }

    private int Mode(string name)
    {
        var annotation = Annotations.ModeOf + name;
        if (annotations.Text(annotation) is not { } text)
            return RequestedFile.DefaultMode;
        var mode = RequestedFile.ParseMode(text);
        if (mode < 0)
            annotations.Report(annotation, $"expected an octal mode such as 0440, at most 0777, got {Foreign.Quote(text)}");
        else if ((mode & RequestedFile.OwnerRead) == 0)
            annotations.Report(annotation, $"the agent itself must be able to read the file: add 0400 to {text}");
        return Math.Max(mode, 0);
    }

    private void ReportUnknown(string annotation)
    {
        if (Annotations.IsWhole(annotation))
            return;
        annotations.Report(annotation, Suggest(() => Annotations.Nearest(annotation)) is { } nearest
            ? $"unknown annotation; did you mean {Annotations.Prefix}{Foreign.Plain(nearest)}?"
            : "unknown annotation");
    }

    /// <summary>A file-, format-, mode- or notify- annotation whose NAME no secret and no template has.</summary>
    private void ReportStray(SortedSet<string> names)
    {
        foreach (var annotation in annotations.Names)
        {
            if (Annotations.Split(annotation) is not { } split || names.Contains(split.Name))
                continue;
            var nearest = names.Count > MaxFiles ? null : Suggest(() => Yaml.NearestName.Find(split.Name, names));
            annotations.Report(annotation, nearest is null
                ? $"there is no {Annotations.SecretOf}{Foreign.Plain(split.Name)} and no "
                    + $"{Annotations.TemplateOf}{Foreign.Plain(split.Name)} annotation that it could belong to"
                : $"no secret and no template has this name; did you mean {split.Kind}{Foreign.Plain(nearest)}?");
        }
    }

    private string? Suggest(Func<string?> find) => _suggestions++ < MaxSuggestions ? find() : null;

    private void ReportClashes(List<RequestedFile> files)
    {
        var byPath = new Dictionary<string, RequestedFile>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (!byPath.TryAdd(file.File, file))
                annotations.Report(Kind(file.Name) + file.Name,
                    $"writes the same file as {Foreign.Quote(byPath[file.File].Name)}: {Foreign.Plain(file.File)}");
        }

        foreach (var file in files)
        {
            for (var slash = file.File.IndexOf('/'); slash > 0; slash = file.File.IndexOf('/', slash + 1))
            {
                if (byPath.TryGetValue(file.File[..slash], out var other))
                    annotations.Report(Kind(file.Name) + file.Name,
                        $"{Foreign.Plain(other.File)} cannot be a file and the directory of {Foreign.Plain(file.File)}");
            }
        }
    }

    private string Kind(string name) =>
        annotations.Exact(Annotations.SecretOf + name) is null ? Annotations.TemplateOf : Annotations.SecretOf;
}
