"""Files: each side writes and reads its own format, and what comes back is compared."""

from equiv.entry import COMPLEX, Case, Difference, Op, Trap, integers, real

OPS: tuple[Op, ...] = (
    Op(
        "numpy.savez",
        summary="Save arrays to one file, by name or by position.",
        inputs={"x": real(3, 4), "y": real(2)},
        cases=(
            Case(
                "plain",
                numpy="np.savez('file.npz', x); np.load('file.npz')['arr_0']",
                torch="torch.save(x, 'file.pt'); torch.load('file.pt')",
                files=True,
                no_gradient="A file keeps values, not the graph that autograd walks.",
                trap=Trap(
                    "torch.save('file.pt', x); torch.load('file.pt')",
                    shows="torch raises",
                    why="torch.save takes the object first and the file second; NumPy takes the "
                    "file first.",
                ),
            ),
            Case(
                "named",
                numpy="np.savez('file.npz', x=x, y=y); dict(np.load('file.npz'))",
                torch="torch.save({'x': x, 'y': y}, 'file.pt'); torch.load('file.pt')",
                files=True,
                no_gradient="A file keeps values, not the graph that autograd walks.",
            ),
            Case(
                "several",
                numpy="np.savez('file.npz', x, y); f = np.load('file.npz'); "
                "(f['arr_0'], f['arr_1'])",
                torch="torch.save((x, y), 'file.pt'); torch.load('file.pt')",
                files=True,
                no_gradient="A file keeps values, not the graph that autograd walks.",
                trap=Trap(
                    "torch.save(x, y, 'file.pt'); torch.load('file.pt')",
                    shows="torch raises",
                    why="torch.save takes one object: put several tensors into a tuple or a dict.",
                ),
            ),
            Case(
                "no-suffix",
                numpy="np.savez('file', x); np.load('file.npz')['arr_0']",
                torch="torch.save(x, 'file'); torch.load('file')",
                files=True,
                no_gradient="A file keeps values, not the graph that autograd walks.",
                trap=Trap(
                    "torch.save(x, 'file'); torch.load('file.pt')",
                    shows="torch raises",
                    why="torch.save writes to the name as given; np.savez appends .npz to it.",
                ),
            ),
            Case(
                "slice",
                numpy="np.savez('file.npz', x[:, :2]); np.load('file.npz')['arr_0']",
                torch="torch.save(x[:, :2].clone(), 'file.pt'); torch.load('file.pt')",
                files=True,
                layout=True,
                no_gradient="A file keeps values, not the graph that autograd walks.",
                trap=Trap(
                    "torch.save(x[:, :2], 'file.pt'); torch.load('file.pt')",
                    shows="layout",
                    why="torch.save writes all the memory under a view and restores its strides; "
                    "np.savez writes the elements of the slice only.",
                ),
            ),
        ),
        parameters={
            "file": "f",
            "args": "torch.save((x, y), 'file.pt')",
            "allow_pickle": None,
            "kwds": "torch.save({'x': x, 'y': y}, 'file.pt')",
        },
        differences=(
            Difference(
                "python-numbers",
                cases=("named", "several"),
                probes=(
                    "float32 with 0.1",
                    "int64 with 2",
                    "int64 with 2.5",
                    "uint8 with 300",
                    "uint8 with -1",
                    "bool with 2",
                ),
                shows="structure",
                why="np.savez makes a 0-d array of a Python number; torch.save keeps the number, "
                "and torch.load gives it back.",
                instead="Save torch.tensor(y, dtype=torch.float64) for a float y, torch.tensor(y) "
                "for an integer.",
            ),
        ),
        source="numpy.savez; torch.save; torch.load",
    ),
    Op(
        "numpy.savetxt",
        summary="Write a vector or a matrix to a text file.",
        inputs={"x": real(3, 4), "n": integers(-9, 10, (3, 4)), "c": real(3, 1)},
        cases=(
            Case(
                "plain",
                numpy="np.savetxt('file.txt', x); np.loadtxt('file.txt')",
                torch="torch.save(x, 'file.pt'); torch.load('file.pt').double()",
                files=True,
                no_gradient="A file keeps values, not the graph that autograd walks.",
                trap=Trap(
                    "torch.save('file.pt', x); torch.load('file.pt')",
                    shows="torch raises",
                    why=(
                        "torch.save takes the object first and the file second; NumPy "
                        "takes the file first."
                    ),
                ),
            ),
            Case(
                "integers",
                numpy="np.savetxt('file.txt', n); np.loadtxt('file.txt')",
                torch="torch.save(n, 'file.pt'); torch.load('file.pt').double()",
                files=True,
                no_gradient="A file keeps values, not the graph that autograd walks.",
                trap=Trap(
                    "torch.save(n, 'file.pt'); torch.load('file.pt')",
                    shows="dtype",
                    why="torch restores the dtype; text has none, and np.loadtxt reads float64.",
                ),
            ),
            Case(
                "column",
                numpy="np.savetxt('file.txt', c); np.loadtxt('file.txt')",
                torch="torch.save(c, 'file.pt'); torch.load('file.pt').double().squeeze()",
                files=True,
                no_gradient="A file keeps values, not the graph that autograd walks.",
                trap=Trap(
                    "torch.save(c, 'file.pt'); torch.load('file.pt')",
                    shows="shape",
                    why="torch restores the shape; np.loadtxt drops axes of length one.",
                ),
            ),
            Case(
                "decimals",
                numpy="np.savetxt('file.txt', x, fmt='%.3f'); np.loadtxt('file.txt')",
                torch="torch.save(x.double().round(decimals=3), 'file.pt'); torch.load('file.pt')",
                files=True,
                no_gradient="A file keeps values, not the graph that autograd walks.",
                trap=Trap(
                    "torch.save(x, 'file.pt'); torch.load('file.pt')",
                    shows="value",
                    why="torch.save keeps every bit; NumPy's format drops digits.",
                ),
            ),
        ),
        parameters={
            "fname": "f",
            "X": "obj",
            "fmt": None,
            "delimiter": None,
            "newline": None,
            "header": None,
            "footer": None,
            "comments": None,
            "encoding": None,
        },
        differences=(
            Difference(
                "complex",
                cases=("plain", "column", "decimals"),
                probes=COMPLEX,
                shows="numpy raises",
                why="np.savetxt writes complex numbers, but np.loadtxt reads them only if told "
                "dtype=complex; double() drops the imaginary parts with a warning.",
                instead="Check x.is_complex(); without double(), torch.load gives the numbers "
                "back as they were.",
            ),
            Difference(
                "no-axes",
                cases=("plain", "column", "decimals"),
                probes=("0-d",),
                shows="numpy raises",
                why="np.savetxt takes vectors and matrices only; torch.save takes any tensor.",
                instead="Check x.ndim in (1, 2) where the error matters.",
            ),
            Difference(
                "empty",
                cases=("plain", "integers", "decimals"),
                probes=("empty", "empty across"),
                shows="shape",
                why="Text without numbers has no trace of the shape, and np.loadtxt gives (0,); "
                "torch restores the shape.",
                instead="torch.load('file.pt').double().flatten() where x.numel() == 0.",
            ),
            Difference(
                "empty-rows",
                cases=("column",),
                probes=("empty across",),
                shows="shape",
                why="Text without numbers has no trace of the number of rows, and np.loadtxt gives "
                "(0,); squeeze() leaves an axis of length three.",
                instead="torch.load('file.pt').double().flatten() where c.numel() == 0.",
            ),
            Difference(
                "length-one",
                cases=("plain", "integers", "decimals"),
                probes=("length one",),
                shows="shape",
                why="np.loadtxt drops axes of length one, here both; torch restores the shape.",
                instead="torch.save(x, 'file.pt'); torch.load('file.pt').double().squeeze()",
            ),
        ),
        source="numpy.savetxt; numpy.loadtxt; torch.save; torch.load",
    ),
    Op(
        "numpy.ndarray.tofile",
        summary="Write the elements to a file as raw bytes, in C order.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="x.tofile('file.bin'); np.fromfile('file.bin', dtype=x.dtype)",
                torch=(
                    "f = torch.from_file('file.bin', shared=True, size=x.numel(), "
                    "dtype=x.dtype); f.copy_(x.flatten()); torch.from_file('file.bin', "
                    "size=x.numel(), dtype=x.dtype)"
                ),
                files=True,
                no_gradient="A file keeps values, not the graph that autograd walks.",
                trap=Trap(
                    (
                        "f = torch.from_file('file.bin', shared=True, size=x.numel(), "
                        "dtype=x.dtype); f.copy_(x.flatten()); torch.from_file('file.bin', "
                        "dtype=x.dtype)"
                    ),
                    shows="shape",
                    why=(
                        "torch reads as many elements as size says, none unless it is "
                        "given; np.fromfile reads to the end."
                    ),
                ),
            ),
            Case(
                "float32",
                numpy="x.tofile('file.bin'); np.fromfile('file.bin', dtype=x.dtype)",
                torch=(
                    "f = torch.from_file('file.bin', shared=True, size=x.numel(), "
                    "dtype=x.dtype); f.copy_(x.flatten()); torch.from_file('file.bin', "
                    "size=x.numel(), dtype=x.dtype)"
                ),
                inputs={"x": real(3, 4, dtype="float32")},
                files=True,
                no_gradient="A file keeps values, not the graph that autograd walks.",
                trap=Trap(
                    (
                        "torch.save(x, 'file.bin'); torch.from_file('file.bin', "
                        "size=x.numel(), dtype=x.dtype)"
                    ),
                    shows="value",
                    why="torch.save writes a zip archive, not the bare elements.",
                ),
            ),
            Case(
                "transposed",
                numpy="x.T.tofile('file.bin'); np.fromfile('file.bin', dtype=x.dtype)",
                torch=(
                    "f = torch.from_file('file.bin', shared=True, size=x.numel(), "
                    "dtype=x.dtype); f.copy_(x.T.flatten()); "
                    "torch.from_file('file.bin', size=x.numel(), dtype=x.dtype)"
                ),
                files=True,
                no_gradient="A file keeps values, not the graph that autograd walks.",
                trap=Trap(
                    (
                        "f = torch.from_file('file.bin', shared=True, size=x.numel(), "
                        "dtype=x.dtype); f.untyped_storage().copy_(x.T.untyped_storage()); "
                        "torch.from_file('file.bin', size=x.numel(), dtype=x.dtype)"
                    ),
                    shows="value",
                    why=(
                        "A storage holds the elements as they lie in memory; NumPy writes "
                        "them in C order of the array as it is seen."
                    ),
                ),
            ),
        ),
        parameters={"fid": "filename", "sep": None, "format": None},
        source="numpy.ndarray.tofile; numpy.fromfile; torch.from_file",
    ),
)
