"""Files: each side writes and reads its own format, and what comes back is compared."""

from equiv.entry import Case, Op, Trap, real

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
        source="numpy.savez; torch.save; torch.load",
    ),
)
